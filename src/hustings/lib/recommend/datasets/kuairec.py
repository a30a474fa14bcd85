"""KuaiRec: real short-video viewing (Gao et al., CIKM 2022), positives split by a third party.

Tuned on `valid`, a random tenth of the biased log: all videos are ranked, those of the viewer's train removed. Reported
on `test`, from an almost fully observed matrix: the candidates are the videos that occur in test.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.datasets.places import folder
from hustings.lib.recommend.errors import BadDataError, MissingDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.questions import Pairs, Question, Task

WHERE = (
    "KuaiRec (CC BY-SA 4.0) is at https://kuairec.com. Put the positives, split into interactions/train.txt, valid.txt "
    "and test.txt (one viewer a line: viewer id, then video ids), into HUSTINGS_DATA/kuairec."
)
PROTOCOL = (
    "Tuned on valid (random tenth of the log, all videos ranked). Test: the almost fully observed matrix, candidates "
    "are the videos that occur in it. The viewer's train videos are removed. One fit, on train, serves both."
)

Columns = tuple[NDArray[np.int32], NDArray[np.int32]]


def load(roots: Sequence[Path]) -> Task:
    """The task, with viewers and items numbered as in the files."""
    where = folder("kuairec", roots, WHERE) / "interactions"
    parts = [_read(where / f"{name}.txt") for name in ("train", "valid", "test")]
    n_viewers = 1 + max(int(viewers.max()) for viewers, _ in parts)
    n_items = 1 + max(int(items.max()) for _, items in parts)
    viewers, items = parts[0]
    order = np.argsort(viewers, kind="stable")
    train = Events(viewers[order], items[order], None, None, n_viewers, n_items)
    valid, test = (Pairs.of(*part, n_items) for part in parts[1:])
    occurs = np.zeros(n_items, np.bool_)
    occurs[test.items] = True
    return Task(
        name="kuairec",
        protocol=PROTOCOL,
        valid=Question.ask(train, valid),
        test=Question.ask(train, test, occurs),
        facts=(("train events", len(train)), ("valid pairs", len(valid)), ("test pairs", len(test))),
    )


def _read(path: Path) -> Columns:
    """One viewer a line, in the order of the file."""
    viewers: list[NDArray[np.int32]] = []
    items: list[NDArray[np.int32]] = []
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        for number, line in enumerate(lines, 1):
            found = np.array(line.split(), np.int32)
            if len(found) and found.min() < 0:
                raise ValueError(f"line {number} has a negative number")  # noqa: TRY301 - told with the others
            if len(found):
                viewers.append(np.full(len(found) - 1, found[0], np.int32))
                items.append(found[1:])
    except FileNotFoundError:
        raise MissingDataError(f"{path.name} of KuaiRec is missing.", hint=WHERE) from None
    except (ValueError, OverflowError) as fault:
        raise BadDataError(f"{path.name} of KuaiRec cannot be read: {fault}.") from None
    if not items or not sum(map(len, items)):
        raise BadDataError(f"{path.name} of KuaiRec is empty.", hint=WHERE)
    return np.concatenate(viewers), np.concatenate(items)

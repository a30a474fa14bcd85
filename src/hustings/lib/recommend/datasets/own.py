"""A data set of the operator's own, as CSV or Parquet. The form is described in docs/develop/evaluate.md.

CSV is read with Python's own reader, two hundred thousand rows at a time, so that ten million events need no library
and little memory; Parquet needs pyarrow. All faults of a file's values are gathered before it is refused.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend import splits
from hustings.lib.recommend.errors import BadDataError, MissingDataError, NotInstalledError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.questions import Pairs, Question, Task

CHUNK = 200_000  # rows at a time
MOST_FAULTS = 10
LIKED = frozenset({"like", "share", "save", "follow", "comment", "complete"})
PLAIN = frozenset({"", "view", "watch", "play"})
DISLIKED = frozenset({"skip", "not_interested", "report", "block"})
FIXED = (
    "Fixed files for train, valid and test. One fit, on train, serves both. All videos are ranked, what the viewer has "
    "seen in train is removed."
)
SHOWN = " Only the candidates of each viewer are ranked."

Cells = Mapping[str, Sequence[Any]]  # columns of one chunk


@dataclass(frozen=True)
class Files:
    """What the operator named: one log and how to cut it, or three files; perhaps what was shown to whom."""

    events: Path | None = None
    split: str = "leave-one-out"
    train: Path | None = None
    valid: Path | None = None
    test: Path | None = None
    candidates: Path | None = None
    positive: float = 0.5  # from this watched share on, a plain view counts as wanted


class Numbering(dict[str, int]):
    """Numbers for names, in the order in which they were met."""

    def __missing__(self, name: str) -> int:
        self[name] = len(self)
        return self[name]

    def of(self, names: Sequence[str]) -> NDArray[np.int32]:
        return np.fromiter(map(self.__getitem__, names), np.int32, len(names))

    def sorted(self) -> NDArray[np.int32]:
        """For each number the one it has when names are sorted: as numbers when all are, else as text."""
        names = list(self)
        whole = all(name.isascii() and name.isdigit() for name in names)
        order = sorted(range(len(names)), key=(lambda i: (int(names[i]), names[i])) if whole else names.__getitem__)
        places = np.empty(len(names), np.int32)
        places[order] = np.arange(len(names), dtype=np.int32)
        return places


@dataclass(frozen=True)
class Log:
    """One file's rows as columns."""

    viewers: NDArray[np.int32]
    items: NDArray[np.int32]
    times: NDArray[np.float64] | None
    shares: NDArray[np.float32] | None
    liked: NDArray[np.bool_]


def load(folder: Path, files: Files) -> Task:
    """The task of the operator's files; relative names are within the folder."""
    parts = {"train": files.train, "valid": files.valid, "test": files.test}
    fixed = any(parts.values())
    if fixed and files.events:
        raise BadDataError("Name either --events, or --train, --valid and --test.")
    if fixed and not all(parts.values()):
        missing = ", ".join(f"--{name}" for name, path in parts.items() if not path)
        raise BadDataError(f"A fixed split needs all three files; {missing} is missing.")
    if not fixed and not files.events:
        raise BadDataError("Name the log with --events, or a fixed split with --train, --valid and --test.")
    if files.split not in {"leave-one-out", "time"}:
        raise BadDataError(f"--split {files.split}: it is leave-one-out or time.")
    viewers, items = Numbering(), Numbering()
    named = parts if fixed else {"events": files.events}
    logs = {name: _read(folder / path, viewers, items, files.positive) for name, path in named.items() if path}
    shown = _read(folder / files.candidates, viewers, items, 0.0, bare=True) if files.candidates else None
    orders = viewers.sorted(), items.sorted()
    cast = {name: _events(log, orders) for name, log in logs.items()}
    candidates = Pairs.of(orders[0][shown.viewers], orders[1][shown.items], len(orders[1])) if shown else None
    if not fixed:
        cut = splits.by_time if files.split == "time" else splits.leave_one_out
        task = cut(folder.name or "own", *cast["events"], candidates=candidates)
        return task if candidates is None else _shown(task)
    task = _fixed(folder.name or "own", cast, candidates)
    return task if candidates is None else _shown(task)


def _shown(task: Task) -> Task:
    return Task(task.name, task.protocol + SHOWN, task.valid, task.test, task.tune_by, task.facts)


def _fixed(name: str, cast: Mapping[str, tuple[Events, NDArray[np.bool_]]], candidates: Pairs | None) -> Task:
    events, liked = cast["train"]
    train = splits.part(events, liked)
    if not len(train):
        raise BadDataError("The file of --train has no wanted video: nothing to learn from.")
    known_viewers, known_items = np.unique(train.viewers), np.unique(train.items)
    facts = [("train events", len(train)), ("viewers", train.n_viewers), ("videos", train.n_items)]
    questions = []
    for which in ("valid", "test"):
        asked, right = cast[which]
        if not right.any():
            raise BadDataError(f"The file of --{which} has no wanted video: nothing to measure.")
        wanted = Pairs.of(asked.viewers[right], asked.items[right], train.n_items)
        questions.append(Question.ask(train, wanted, candidates, also_seen=splits.part(events, ~liked)))
        facts += [
            (f"{which} pairs", len(wanted)),
            (f"{which} viewers unknown to train", int((~np.isin(wanted.viewers, known_viewers)).sum())),
            (f"{which} pairs with a video unknown to train", int((~np.isin(wanted.items, known_items)).sum())),
        ]
    return Task(name, FIXED, questions[0], questions[1], facts=tuple(facts))


def _events(log: Log, orders: tuple[NDArray[np.int32], NDArray[np.int32]]) -> tuple[Events, NDArray[np.bool_]]:
    """Sorted by viewer, then time, then place in the file; and which of them were wanted."""
    viewers, items = orders[0][log.viewers], orders[1][log.items]
    order = np.argsort(viewers, kind="stable") if log.times is None else np.lexsort((log.times, viewers))
    events = Events(
        viewers[order],
        items[order],
        None if log.times is None else log.times[order],
        None if log.shares is None else log.shares[order],
        len(orders[0]),
        len(orders[1]),
    )
    return events, log.liked[order]


def _read(path: Path, viewers: Numbering, items: Numbering, positive: float, *, bare: bool = False) -> Log:
    """One file. With `bare`, only viewer and video are looked at."""
    parts: list[Log] = []
    faults = Faults(path.name)
    row = 2 if path.suffix != ".parquet" else 1
    for cells in _chunks(path):
        size = len(cells["viewer"])
        for column in ("viewer", "video"):
            if "" in cells[column]:
                faults.where([not name for name in cells[column]], row, f"{column} is empty")
        times = None if bare or "time" not in cells else _times(cells["time"], row, faults)
        shares = None if bare or "watched_share" not in cells else _shares(cells["watched_share"], row, faults)
        liked = np.ones(size, np.bool_) if shares is None else shares >= positive
        if not bare and "action" in cells:
            liked = _acted(cells["action"], liked, row, faults)
        parts.append(Log(viewers.of(cells["viewer"]), items.of(cells["video"]), times, shares, liked))
        row += size
    faults.refuse()
    if not parts:
        raise BadDataError(f"{path.name} has no rows.")
    times_there, shares_there = parts[0].times is not None, parts[0].shares is not None
    return Log(
        np.concatenate([part.viewers for part in parts]),
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.times for part in parts if part.times is not None]) if times_there else None,
        np.concatenate([part.shares for part in parts if part.shares is not None]) if shares_there else None,
        np.concatenate([part.liked for part in parts]),
    )


def _acted(cells: Sequence[Any], liked: NDArray[np.bool_], row: int, faults: "Faults") -> NDArray[np.bool_]:
    """What was wanted, now that the actions are known: they say more than the share that was watched."""
    meant = {cell: str(cell or "").strip().lower().replace(" ", "_") for cell in set(cells)}
    signs = {cell: 1 if name in LIKED else -1 if name in DISLIKED else 0 for cell, name in meant.items()}
    if unknown := {cell for cell, name in meant.items() if name not in LIKED | PLAIN | DISLIKED}:
        words = ", ".join(sorted(LIKED | PLAIN - {""} | DISLIKED))
        faults.where([cell in unknown for cell in cells], row, f"action is none of {words}")
    sign = np.fromiter(map(signs.__getitem__, cells), np.int8, len(cells))
    return (liked | (sign > 0)) & (sign >= 0)


class Faults:
    """What is wrong with a file, up to ten places of it, told at once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._told: dict[str, str] = {}
        self._more = 0

    def where(self, wrong: Sequence[bool] | NDArray[np.bool_], first: int, why: str) -> None:
        for place in np.flatnonzero(np.asarray(wrong)):
            if len(self._told) < MOST_FAULTS:
                self._told[f"{self._file}, row {first + int(place)}"] = f"{why}."
            else:
                self._more += 1

    def refuse(self) -> None:
        if self._told:
            more = f" There are {self._more:,} more." if self._more else ""
            raise BadDataError(f"{self._file} has rows that cannot be read.{more}", fields=self._told)


def _chunks(path: Path) -> Iterator[Cells]:
    if path.suffix == ".parquet":
        yield from _parquet(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = _names(next(reader, []), path)
            while rows := list(islice(reader, CHUNK)):
                if set(map(len, rows)) != {len(names)}:
                    rows = [row for row in rows if row]  # an empty line is nothing
                    wrong = next((row for row in rows if len(row) != len(names)), None)
                    if wrong is not None:
                        raise BadDataError(f"{path.name} has a row with {len(wrong)} cells instead of {len(names)}.")
                if rows:
                    yield dict(zip(names, zip(*rows, strict=True), strict=True))
    except FileNotFoundError:
        raise MissingDataError(f"There is no file {path}.", hint="Name files relative to the folder.") from None
    except (csv.Error, UnicodeDecodeError, OSError) as fault:
        raise BadDataError(f"{path.name} cannot be read as CSV in UTF-8: {fault}.") from None


def _parquet(path: Path) -> Iterator[Cells]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise NotInstalledError(
            "Parquet files need pyarrow.", hint="Install it: pip install hustings[bench]; or give CSV."
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            names = _names(file.schema_arrow.names, path)
            for batch in file.iter_batches(CHUNK):
                columns = dict(zip(names, batch.columns, strict=True))
                for name in ("viewer", "video"):
                    columns[name] = columns[name].cast(pa.string()).fill_null("")
                if "time" in columns and pa.types.is_timestamp(columns["time"].type):
                    microseconds = columns["time"].cast(pa.timestamp("us")).cast(pa.int64())
                    columns["time"] = [None if one is None else one / 1e6 for one in microseconds.to_pylist()]
                yield {name: one if isinstance(one, list) else one.to_pylist() for name, one in columns.items()}
    except FileNotFoundError:
        raise MissingDataError(f"There is no file {path}.", hint="Name files relative to the folder.") from None
    except (pa.ArrowException, OSError) as fault:
        raise BadDataError(f"{path.name} cannot be read as Parquet: {fault}.") from None


def _names(header: Sequence[str], path: Path) -> list[str]:
    """Column names as we write them; “Watched share” is watched_share. Others may be there and are not read."""
    names = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in header]
    missing = [name for name in ("viewer", "video") if name not in names]
    if missing:
        raise BadDataError(
            f"{path.name} has no column {' and no column '.join(missing)}.",
            hint="The first row names the columns: viewer, video, and where there are any time, watched_share, action.",
        )
    if len(set(names)) != len(names):
        raise BadDataError(f"{path.name} has two columns of the same name.")
    return names


def _times(cells: Sequence[Any], row: int, faults: Faults) -> NDArray[np.float64]:
    """Seconds since 1970, from numbers or from ISO 8601 (UTC where no zone is given)."""
    times = _numbers(cells, _moment)
    faults.where(~np.isfinite(times), row, "time is neither seconds since 1970 nor a date such as 2026-01-31T12:00:00Z")
    return times


def _shares(cells: Sequence[Any], row: int, faults: Faults) -> NDArray[np.float32]:
    shares = _numbers(cells, float)
    faults.where(~(shares >= 0) | np.isinf(shares), row, "watched_share is no number of 0 or more")
    return shares.astype(np.float32)


def _numbers(cells: Sequence[Any], read: Any) -> NDArray[np.float64]:
    """NaN where a cell cannot be read; the quick way first."""
    try:
        return np.array(cells, np.float64)
    except (ValueError, TypeError):
        return np.array([_number(cell, read) for cell in cells], np.float64)


def _number(cell: Any, read: Any) -> float:
    try:
        return float(read(cell))
    except (ValueError, TypeError, OverflowError):
        return float("nan")


def _moment(cell: Any) -> float:
    try:
        return float(cell)
    except ValueError:
        moment = datetime.fromisoformat(str(cell).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

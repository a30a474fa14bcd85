"""The 196 public cases of transparency-dev/merkle. The data lies beside the repository, never in it."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from hustings.lib import merkle

DATA = Path(os.environ.get("HUSTINGS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "tlog"
VECTORS = DATA / "merkle-vectors"
ABSENT = (
    f"NOT RUN: the public Merkle vectors are not at {VECTORS}. HUSTINGS_TEST_DATA names the folder that holds tlog/."
)


def cases(kind: str) -> list[Any]:
    found = sorted((VECTORS / kind).rglob("*.json"))
    if not found:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=ABSENT))]
    return [pytest.param(json.loads(path.read_text()), id=path.relative_to(VECTORS).as_posix()) for path in found]


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def judge(check: Any, want_error: bool) -> None:
    if want_error:
        with pytest.raises(merkle.ProofError):
            check()
    else:
        check()


@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion(case: dict[str, Any]) -> None:
    proof = [raw(part) for part in case["proof"] or []]
    judge(
        lambda: merkle.verify_inclusion(
            raw(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, raw(case["root"])
        ),
        case["wantErr"],
    )


@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency(case: dict[str, Any]) -> None:
    proof = [raw(part) for part in case["proof"] or []]
    judge(
        lambda: merkle.verify_consistency(case["size1"], case["size2"], proof, raw(case["root1"]), raw(case["root2"])),
        case["wantErr"],
    )


@pytest.mark.skipif(not VECTORS.exists(), reason=ABSENT)
def test_all_of_them_are_there() -> None:
    assert (len(cases("inclusion")), len(cases("consistency"))) == (98, 98)

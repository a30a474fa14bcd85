from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib import cursors
from hustings.lib.errors import InvalidInputError


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**63 - 1))
def test_a_cursor_gives_back_its_place(at: datetime, key: int) -> None:
    assert cursors.decode(cursors.encode(at, key)) == (at, key)


@pytest.mark.parametrize("cursor", ["", "x", "!!!!", "A" * 21, "A" * 23, "ü" * 22, "_" * 22 + "==", "f" + "_" * 21])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        cursors.decode(cursor)
    assert "cursor" in refusal.value.fields

"""The key of a page opens the next one of its own list, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.cases.reading.cursor import read_cursor, write_cursor
from voc.cases.reading.queries import inbox_list
from voc.cases.views import QUEUES
from voc.core.errors import Invalid

AT = datetime(2026, 3, 4, 15, 0, 0, 123457, UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.uuids())
def test_a_key_is_read_as_it_was_written(at: datetime, row_id: UUID) -> None:
    assert read_cursor("a", write_cursor("a", at, row_id)) == (at, row_id)


def test_a_key_is_refused_in_another_list() -> None:
    names = [
        "feedback",
        "feedback detractor",
        "to judge",
        *{inbox_list(q, o) for q in QUEUES for o in ("attention", "due")},
    ]
    assert len(names) == 3 + 2 * len(QUEUES) - 1, "resolved cases have one order"
    for one, other in permutations(names, 2):
        with pytest.raises(Invalid, match="no key of this list"):
            read_cursor(other, write_cursor(one, AT, UUID(int=7)))


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_refused(value: str) -> None:
    if not value:
        assert read_cursor("a", value) is None
        return
    with pytest.raises(Invalid):
        read_cursor("a", value)

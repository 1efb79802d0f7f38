"""`GET /api/v1/feedback?q=`: what is found, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from voc.model import Channel

FEEDBACK = "/api/v1/feedback"


@pytest.fixture
def said(program_on_both: Any, work: Callable[[], None], clock: Any) -> list[str]:
    """Three feedback, oldest first, some days apart."""
    ids = []
    for words, score in (("Llegó ROTO", 1), ("Llegó tarde", 2), ("Great delivery", 10)):
        ids.append(program_on_both.post({"text": words, "metric": "nps", "score": score}).json["id"])
        clock.forward(days=3)
    work()
    return ids


def ask(program: Any, query: str) -> list[str]:
    found, path = [], f"{FEEDBACK}?{query}"
    while path is not None:
        answer = program.get(path)
        assert answer.status_code == 200, answer.text
        found += [item["id"] for item in answer.json["items"]]
        path = answer.json["next"]
    return found


def test_words_and_filters(program_on_both: Any, said: list[str]) -> None:
    one, two, three = said
    assert ask(program_on_both, "q=llego&limit=1") == [two, one]
    assert ask(program_on_both, f"q={quote('llegó -roto')}") == [two]
    assert ask(program_on_both, f"q={quote('deliv*')}&stance=promoter") == [three]
    assert ask(program_on_both, "q=llego&stance=promoter") == []
    assert ask(program_on_both, "language=en") == [three]
    assert ask(program_on_both, "since=2026-03-06T00:00:00Z") == [three, two]
    assert ask(program_on_both, f"since={quote('2026-03-06T00:00:00-05:00')}&until=2026-03-08T00:00:00Z") == [two]
    slug = next(row.slug for row in program_on_both.rows(Channel) if row.kind == "api")
    assert ask(program_on_both, f"channel={slug}&q=roto") == [one]
    assert ask(program_on_both, "channel=feedback") == []
    assert ask(program_on_both, "q=%20") == said[::-1]
    assert ask(program_on_both, "q=***") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("channel=nowhere", "channel"), ("since=yesterday", "since"), ("until=2026-03-06T00:00:00", "until"),
        ("language=nonsense", "language"), (f"q={'x' * 201}", "q"), ("q=a&q=b", "q"), ("q=%00", "q"),
    ],
)  # fmt: skip
def test_what_is_refused(program: Any, query: str, field: str) -> None:
    answer = program.get(f"{FEEDBACK}?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_a_key_belongs_to_its_question(program_on_both: Any, said: list[str]) -> None:
    first = program_on_both.get(f"{FEEDBACK}?q=llego&limit=1").json
    assert program_on_both.get(first["next"].replace("q=llego", "q=roto")).status_code == 422

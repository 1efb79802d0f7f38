"""Marking evidence: whatever the spans and the text, nothing of the text is lost, added or left unescaped."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from voc.web.triage.marking import Mark, Tone, mark

TONES: list[Tone] = ["bad", "good", "risk", "plain"]
TEXTS = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("<>&\"'ñã🙂́\n")), max_size=60)
MARKS = st.lists(
    st.builds(
        Mark,
        start=st.integers(-5, 70),
        end=st.integers(-5, 70),
        tone=st.sampled_from(TONES),
        number=st.one_of(st.none(), st.integers(1, 99)),
    ),
    max_size=6,
)


def plain(html: str) -> str:
    """The words of the result: numbers out, then tags."""
    without_numbers = re.sub(r"<sup>\d+</sup>", "", html)
    return re.sub(r'</?mark(?: class="evidence evidence--[a-z]+")?>', "", without_numbers)


@given(TEXTS, MARKS)
def test_the_words_survive_any_spans(text: str, marks: list[Mark]) -> None:
    """Without numbers and tags the result is the escaped text, and no other tag is in it."""
    html = str(mark(text, marks))
    assert plain(html) == str(escape(text))
    assert "<" not in plain(html)


@given(TEXTS, MARKS)
def test_tags_are_balanced_and_flat(text: str, marks: list[Mark]) -> None:
    """Every mark is closed before the next opens, however the spans overlap."""
    depth = 0
    for tag in re.findall(r"</?mark", str(mark(text, marks))):
        depth += 1 if tag == "<mark" else -1
        assert depth in (0, 1)
    assert depth == 0


@given(TEXTS, MARKS)
def test_exactly_the_covered_characters_are_marked(text: str, marks: list[Mark]) -> None:
    """A character stands inside a mark exactly when some span covers it."""
    covered = "".join(char for at, char in enumerate(text) if any(item.start <= at < item.end for item in marks))
    inside = "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", str(mark(text, marks)), re.DOTALL))
    assert plain(inside) == str(escape(covered))


def test_overlap_shows_the_weightier_tone_and_both_numbers() -> None:
    """Risk wins over bad; each number stands where its span ends."""
    html = mark("abcdef", [Mark(0, 4, "bad", 1), Mark(2, 6, "risk", 2)])
    assert html == (
        '<mark class="evidence evidence--bad">ab</mark>'
        '<mark class="evidence evidence--risk">cd<sup>1</sup></mark>'
        '<mark class="evidence evidence--risk">ef<sup>2</sup></mark>'
    )


def test_markup_in_the_text_stays_text() -> None:
    """A customer's angle brackets are words, inside a mark as well as outside."""
    assert mark("<b>&", [Mark(0, 3, "good")]) == '<mark class="evidence evidence--good">&lt;b&gt;</mark>&amp;'


def test_code_points_outside_the_basic_plane_count_as_one() -> None:
    """Offsets are Python's, not UTF-16's."""
    assert mark("🙂 ok", [Mark(2, 4, "good", 1)]) == ('🙂 <mark class="evidence evidence--good">ok<sup>1</sup></mark>')

"""Words of texts and questions: the same on both sides, whatever was typed."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voc.search.place import place_of
from voc.search.spans import excerpt, spans
from voc.search.syntax import LONGEST, MOST_PARTS, Part, Query, fts5, parse, tsquery, tsvector
from voc.search.words import LONGEST_WORD, placed, words

HOSTILE = [
    "", " ", '"', '""', '"""', "*", "-", "--", "-*", '-"', "a*", "ab*", "abc*", "NOT", "AND OR NOT", "NEAR(a b, 5)",
    "words : x", "{words facets}: x", "^abc", "a + b", "(", ")", "((((", "a:b", "'", "''", "\\", "\\'", "';--", "%",
    "_", "a & b | !c <-> d", ":*", "a:*", "=sdetractor", "\x00", "\ud800", "a\x00b", "´", "’", "“tarde” «pronto»",
    "é*", "e\u0301*", "ﷺ" * 50, "½", "ß", "İ", "🙂", "漢字", "a" * 5000, '"' * 5000, "- " * 5000, "(" * 5000,
    "x " * 5000, "\u202eabc", "a\u200db", "feedback_fts", "rowid:1", "-a -b -c", '"a b"*', 'a"b c"d',
    "l'été d'água", "C-2041", "+51 987",
]  # fmt: skip

anything = st.text(max_size=300)


def test_words_are_folded() -> None:
    assert words("¡PÉSSIMO, o pedido Nº 2041 não chegou!") == ["pessimo", "o", "pedido", "no", "2041", "nao", "chegou"]
    assert words("pe\u0301ssimo") == ["pessimo"]
    assert words("d'água e-mail user_name") == ["d", "agua", "e", "mail", "user", "name"]
    assert words("…") == []


def test_words_know_their_places() -> None:
    text = "Llego\u0301 ROTO"
    assert [(item.word, text[item.start : item.end]) for item in placed(text)] == [
        ("llego", "Llego\u0301"),
        ("roto", "ROTO"),
    ]


@given(anything)
def test_words_with_places_are_the_same_words(text: str) -> None:
    found = list(placed(text))
    assert [item.word for item in found] == words(text)
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert all(len(item.word) <= LONGEST_WORD and item.word.isalnum() for item in found)


def test_what_can_be_typed() -> None:
    assert parse('roto "llegó tarde" -caro reclam*') == Query(
        (Part(("roto",)), Part(("llego", "tarde")), Part(("reclam",), beginning=True)),
        (Part(("caro",), negative=True),),
    )
    assert parse("ROTO roto Róto") == Query((Part(("roto",)),))
    assert parse("e-mail") == Query((Part(("e", "mail")),))
    assert parse("“muy tarde”") == Query((Part(("muy", "tarde")),))
    assert parse("re*").wanted == (Part(("re",)),), "too short to be a beginning: the word itself"
    assert parse('"roto*"').wanted == (Part(("roto",)),)
    assert parse("-caro").empty
    assert parse("*** ¡!").empty
    assert parse('"sin fin').wanted == (Part(("sin", "fin")),)


def test_questions_for_both_databases() -> None:
    asked = parse('roto "llego tarde" -caro reclam*')
    assert fts5(asked, [["sdetractor"], ["d1", "d2"]]) == (
        '((words : ("roto" AND "llego tarde" AND "reclam" *)) AND (facets : ("sdetractor"))'
        ' AND (facets : ("d1" OR "d2"))) NOT (words : ("caro"))'
    )
    assert tsquery(asked, [["sdetractor"], ["d1", "d2"]]) == (
        "('roto') & ('llego' <-> 'tarde') & ('reclam':*) & ('=sdetractor') & ('=d1' | '=d2') & !('caro')"
    )
    assert tsvector(["a", "b", "a"], ["sx"]) == "'a':1,3 'b':2 '=sx'"


def ask(query: Query) -> None:
    """FTS5 understands the question."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(words, facets)")
        connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (fts5(query, [["sdetractor"]]),)).fetchall()
    connection.close()


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_questions_mean_nothing_worse(typed: str) -> None:
    query = parse(typed)
    ask(query)
    assert spans(typed, query) == [] or query.wanted


@given(anything)
@example('"' * 300)
def test_no_question_raises(typed: str) -> None:
    query = parse(typed)
    assert len(query.wanted) + len(query.unwanted) <= MOST_PARTS
    parts = [*query.wanted, *query.unwanted]
    assert all(word and word.isalnum() and len(word) <= LONGEST for part in parts for word in part.words)
    ask(query)
    tsquery(query)


@given(st.lists(st.text("aáb c", max_size=12), max_size=6).map(" ".join), st.text('aáb "-*', max_size=20))
def test_what_is_marked_is_what_was_asked(text: str, typed: str) -> None:
    query = parse(typed)
    found = spans(text, query)
    for start, end in found:
        assert words(text[start:end]), "a mark holds words"
    assert all(one[1] < two[0] for one, two in pairwise(found))


def test_marks() -> None:
    text = "Llegó ROTO y llegó tarde, roto otra vez."
    marked = [text[start:end] for start, end in spans(text, parse('roto "llego tarde"'))]
    assert marked == ["ROTO", "llegó tarde", "roto"]
    assert [text[a:b] for a, b in spans(text, parse("lle*"))] == ["Llegó", "llegó"]
    assert spans(text, parse("-roto")) == []
    assert spans("", parse("roto")) == []


def test_excerpt_shows_the_first_place() -> None:
    text = "palabra " * 100 + "ROTO " + "final " * 100
    piece = excerpt(text, spans(text, parse("roto")), limit=80)
    assert "ROTO" in piece.text
    assert [piece.text[a:b] for a, b in piece.spans] == ["ROTO"]
    assert piece.cut_before
    assert piece.cut_after
    assert piece.text.startswith("palabra")
    short = excerpt("Llegó roto", [(6, 10)], limit=80)
    assert (short.text, short.spans, short.cut_before, short.cut_after) == ("Llegó roto", ((6, 10),), False, False)
    assert excerpt("", [], limit=80).text == ""


@given(st.text(max_size=400), st.text("abc ", max_size=10), st.integers(20, 120))
def test_excerpts_lie_inside(text: str, typed: str, limit: int) -> None:
    found = spans(text, parse(typed))
    piece = excerpt(text, found, limit=limit)
    assert piece.text in text
    assert all(0 <= start <= end <= len(piece.text) for start, end in piece.spans)
    assert bool(found) == bool(piece.spans)


@given(st.uuids(), st.uuids())
def test_places_rise_with_the_keys(one: object, two: object) -> None:
    from uuid import UUID

    assert isinstance(one, UUID)
    assert isinstance(two, UUID)
    assert 0 <= place_of(one) < 2**60
    if (one.int >> 80, one.int >> 64 & 0xFFF) < (two.int >> 80, two.int >> 64 & 0xFFF):
        assert place_of(one) < place_of(two)

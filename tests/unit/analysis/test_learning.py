"""A head is learnt from labelled texts: always the same one, small, and never from nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.clauses import split
from voc.analysis.examining import LEAST_LABELLED, WINS_BY, examine, fingerprint
from voc.analysis.folding import fold, tokens
from voc.analysis.learned import BITS, LARGEST, Head
from voc.analysis.learning import LEAST, Labelled, learn, learnable, places_of
from voc.analysis.run import analyze
from voc.analysis.taxonomy import Taxonomy, lineage

SAID = {
    "delivery": ("the courier lost it", "it came on Friday", "left at the neighbor", "o motoboy sumiu", "no llegó"),
    "price": ("far beyond my budget", "a bargain", "cheaper next door", "caro demais", "me salió un dineral"),
    "staff": ("she listened to me", "he shouted", "nobody greeted us", "a moça foi gentil", "el chico amable"),
}
FILL = ("really", "today", "again", "in the end", "you know", "de nuevo", "hoje", "please", "as always", "por fin")


def texts(count: int, seed: int = 3) -> list[Labelled]:
    """Sentences that carry one or two topics, or none."""
    dice = random.Random(seed)
    found = {}
    while len(found) < count:
        topics = dice.sample(sorted(SAID), dice.choice((0, 1, 1, 1, 2)))
        words = [dice.choice(SAID[topic]) for topic in topics] + dice.sample(FILL, 3)
        dice.shuffle(words)
        text = " ".join(words) + f" {len(found)}"
        found[text] = Labelled(text, frozenset(topics))
    return list(found.values())


def told(head: Head, text: str) -> set[str]:
    return set(head.told(places_of(text), spoken=False))


def test_what_can_be_told_apart_is_learnt() -> None:
    head = learn(texts(200))
    right = [told(head, item.text) == item.topics for item in texts(100, seed=4)]
    assert sum(right) >= 95


def test_the_same_texts_in_any_order_give_the_same_bytes() -> None:
    items = texts(120)
    turned = items[:]
    random.Random(1).shuffle(turned)
    assert learn(items).pack() == learn(turned).pack()
    assert fingerprint(items) == fingerprint(turned)
    assert fingerprint(items) != fingerprint(items[1:])


def test_packed_and_unpacked_it_says_the_same() -> None:
    head = learn(texts(120))
    packed = head.pack()
    again = Head.unpack(packed)
    assert len(packed) <= LARGEST
    assert again.pack() == packed
    for item in texts(30, seed=5):
        assert again.likely(places_of(item.text)) == head.likely(places_of(item.text))


@pytest.mark.parametrize(
    "items",
    [
        [],
        [Labelled("", frozenset())],
        [Labelled("the same words", frozenset({"price"}))] * 100,
        [Labelled(f"text {number}", frozenset()) for number in range(100)],
        [Labelled(f"text {number}", frozenset({"price"})) for number in range(100)],
        [Labelled(f"text {number}", frozenset({"price"} if number < LEAST - 1 else ())) for number in range(100)],
    ],
    ids=["nothing", "empty", "one text", "no label", "one label only", "too few of it"],
)
def test_from_nothing_nothing_is_learnt(items: list[Labelled]) -> None:
    head = learn(items)
    assert head.topics == ()
    assert told(head, "the same words") == set()
    assert Head.unpack(head.pack()).topics == ()
    assert not examine(items).wins


def test_of_a_text_said_twice_the_last_word_counts() -> None:
    first, last = Labelled("It came on FRIDAY ", frozenset()), Labelled("it came on friday", frozenset({"delivery"}))
    assert fingerprint([first, last]) == fingerprint([last])


def test_only_the_commonest_topics_are_learnt() -> None:
    items = [
        Labelled(f"word{n} text {n} {turn}", frozenset({f"t{n:03}"}))
        for n in range(105)
        for turn in range(LEAST + (n < 100))
    ]
    assert learnable(items) == tuple(f"t{n:03}" for n in range(100))


def test_a_head_that_wins_is_told_from_one_that_does_not() -> None:
    items = texts(2 * LEAST_LABELLED)
    found = examine(items)
    assert found.wins
    assert found.both.f1 >= found.words.f1 + WINS_BY
    assert found.labelled == len(items)
    assert 0 < found.held_out < len(items)
    assert set(found.to_dict()["topics"]) == set(SAID)
    # Where the words say everything already there is nothing to win.
    known = [Labelled(item.text, item.topics, item.topics) for item in items]
    assert not examine(known).wins
    # Labels without rhyme or reason.
    dice = random.Random(2)
    noise = [Labelled(item.text, frozenset(dice.sample(sorted(SAID), 1)), item.topics) for item in items]
    assert not examine(noise).wins


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"VOCHEAD\n",
        b"VOCHEAD\n12\n{}",
        b"VOCHEAD\n2\n{}x",
        b"VOCHEAD\nx\n",
        b"\x00" * 100,
        b"VOCHEAD\n" + b"9" * 5000,
    ],
)
def test_what_is_no_head_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no head"):
        Head.unpack(data)


def test_a_head_that_was_cut_or_grown_is_refused() -> None:
    packed = learn(texts(120)).pack()
    for broken in (packed[:-9], packed[: len(packed) // 2], packed + b"x" * LARGEST):
        with pytest.raises(ValueError, match="no head"):
            Head.unpack(broken)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=12))
def test_hostile_texts_are_learnt_like_any(said: list[str]) -> None:
    items = [
        Labelled(f"{text}{number}", frozenset({"odd"} if number % 2 else ())) for number, text in enumerate(said * 4)
    ]
    head = learn(items)
    for text in said:
        assert all(0.0 <= value <= 1.0 for value in head.likely(places_of(text)).values())
    assert Head.unpack(head.pack()).topics == head.topics


def test_places_are_bounded_and_each_counts_once() -> None:
    found = places_of("na " * 50_000 + "\U0001f600" * 1000)
    assert len(found) == len(set(found)) <= 10
    assert all(0 <= place < 1 << BITS for place in places_of("Ünïcödé ñandú coração 12345 aaaaaaaaaaa"))


def test_the_features_of_a_head_never_change_in_silence() -> None:
    """Heads lie in databases: whoever changes what a text looks like to them must give them another format."""
    assert places_of("Não chegou ontem") == (
        2981, 11246, 29046, 35475, 38024, 51348, 54586, 62791, 71959, 83513, 90226, 100998, 102967, 105153, 124113,
    )  # fmt: skip


def test_what_the_head_adds_stands_at_its_clause() -> None:
    rows = [{"key": key, "names": {}, "words": {}} for key in SAID]
    taxonomy = Taxonomy.from_rows(rows, learn(texts(200)))
    text = "Everything was as always. But the courier lost it, and she listened to me."
    found = analyze(text, analyzers={}, taxonomy=taxonomy)
    said = {opinion.topic: text[opinion.start : opinion.end] for opinion in found.opinions}
    assert set(said) == {"delivery", "staff"}
    assert "courier" in said["delivery"]
    assert "listened" in said["staff"]
    marked = {text[span.start : span.end] for span in found.evidence if span.kind == "topic"}
    assert marked == set(said.values())
    # A topic that was taken out of the taxonomy is said no more.
    left = Taxonomy.from_rows(rows[1:], taxonomy.head)
    assert "delivery" not in analyze(text, analyzers={}, taxonomy=left).topics


def test_without_words_a_head_says_nothing() -> None:
    taxonomy = Taxonomy.from_rows([{"key": key, "names": {}, "words": {}} for key in SAID], learn(texts(200)))
    for text in ("", "!!!", "\U0001f600"):
        folded = fold(text)
        assert taxonomy.spoken_of(folded, None, tokens(folded), split(text)) == []


def test_the_way_up_ends() -> None:
    assert lineage("a", {"a": "b", "b": "c", "c": None}) == ("b", "c")
    assert lineage("a", {"a": "b", "b": "a"}) == ("b",)
    assert lineage("a", {"a": "a"}) == ()
    assert lineage("a", {"a": "gone"}) == ()

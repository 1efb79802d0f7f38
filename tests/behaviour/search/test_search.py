"""Searching a house: what is found, in which order, and that the index follows whatever happens, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, text, update
from sqlalchemy.exc import DatabaseError

from voc.core.vocabulary import Stance
from voc.jobs.engine import Engine
from voc.model import Analysis, DeliveryKey, Feedback, Judgement, Obligation, StanceDecision, Work
from voc.pipeline.correct import correct_stance
from voc.pipeline.judge import judge
from voc.search import index, jobs, queries
from voc.search.facets import NO_LANGUAGE, Filters
from voc.search.syntax import parse
from voc.search.words import words
from voc.security.access import SYSTEM

HOSTILE = [
    "", "\x00", '"', "* - \"", "NOT", "a OR", "NEAR(x)", "words:x", "':*", "\\'", "a & | ! <->", "=sdetractor",
    "ﷺ ½ 🙂",
    "-" * 300, '"' * 300, "(" * 300, "x " * 300, "\ud800", "'; DROP TABLE feedback; --", "%s %(x)s :x", "{}", "ab*",
]  # fmt: skip


def test_words_phrases_beginnings_and_not(voices: Any) -> None:
    one = voices.say("Llegó ROTO y nadie contesta")
    two = voices.say("El pedido llegó tarde, muy tarde")
    three = voices.say("La caja llegó rota, pero llegó pronto")
    four = voices.say(None, 9)
    assert voices.ask("llego") == [], "nothing is found before it was read"
    voices.work()
    assert voices.ask() == [four, three, two, one]
    assert voices.ask("llego") == [three, two, one]
    assert voices.ask("LLEGÓ roto") == [one]
    assert voices.ask('"llegó tarde"') == [two]
    assert voices.ask('"tarde llegó"') == []
    assert voices.ask("llego -pronto") == [two, one]
    assert voices.ask("llego -pronto -contesta") == [two]
    assert voices.ask("rot*") == [three, one]
    assert voices.ask("llego -rot*") == [two]
    assert voices.ask("-llego") == []
    assert voices.ask("¡!") == []
    assert voices.ask("nunca") == []


def test_pages_go_on_where_the_last_one_ended(voices: Any) -> None:
    ids = [voices.say(f"entrega {number} {'par' if number % 2 == 0 else 'impar'}") for number in range(23)]
    voices.work()
    assert voices.ask("entrega", limit=4) == ids[::-1]
    assert voices.ask("par", limit=5) == ids[::2][::-1]
    assert voices.ask("entrega -par", limit=1) == ids[1::2][::-1]


def test_newest_first_whenever_it_was_read(voices: Any) -> None:
    """What was read late, or put in again, stands where it came in."""
    ids = [voices.say(f"tarde {number}") for number in range(6)]
    voices.work()
    with voices.runtime.db.writing() as session:
        index.take_out(session, [ids[1], ids[4]])
    assert voices.ask("tarde") == [ids[5], ids[3], ids[2], ids[0]]
    with voices.runtime.db.writing() as session:
        index.reindex(session, [ids[4]])
        index.reindex(session, [ids[1], uuid4()])
        index.reindex(session, ids)
    assert voices.ask("tarde", limit=2) == ids[::-1]


def test_filters(voices: Any, clock: Any) -> None:
    start = clock()
    clock.forward(days=500)
    es = voices.say("Terrible entrega", 2, language="es", at=start)
    pt = voices.say("Entrega péssima", 3, language="pt", at=start + timedelta(days=3))
    en = voices.say("Great delivery", 10, language="en", at=start + timedelta(days=40))
    none = voices.say(None, 10, at=start + timedelta(days=400))
    voices.work()
    assert voices.ask(stance=Stance.DETRACTOR) == [pt, es]
    assert voices.ask("entrega", stance=Stance.DETRACTOR, language="pt") == [pt]
    assert voices.ask(language="es") == [es]
    assert voices.ask(language=NO_LANGUAGE) == [none]
    assert voices.ask(channel_id=voices.channel_id) == [none, en, pt, es]
    assert voices.ask(channel_id=uuid4()) == []
    assert voices.ask(since=start + timedelta(seconds=1)) == [none, en, pt]
    assert voices.ask(since=start, until=start + timedelta(days=3)) == [es]
    assert voices.ask(until=start + timedelta(days=40, microseconds=1), limit=1) == [en, pt, es]
    assert voices.ask("entrega", since=start + timedelta(days=1), stance=Stance.DETRACTOR) == [pt]
    assert voices.ask("***", language="es") == []
    assert voices.ask("-entrega", language="es") == []
    assert voices.ask(since=start, until=start) == []


def test_the_index_follows_a_correction(voices: Any) -> None:
    feedback_id = voices.say("Todo mal", 2)
    unsure = voices.say("Ich war gestern in der tienda")
    voices.work()
    assert voices.ask("mal", stance=Stance.DETRACTOR) == [feedback_id]
    assert voices.ask("tienda", stance=Stance.UNKNOWN) == [unsure]
    with voices.runtime.db.writing() as session:
        correct_stance(session, feedback_id, actor=SYSTEM, stance=Stance.PASSIVE, now=voices.runtime.clock())
        judge(session, unsure, actor=SYSTEM, stance=Stance.PROMOTER, now=voices.runtime.clock())
    assert voices.ask("mal", stance=Stance.DETRACTOR) == []
    assert voices.ask("mal", stance=Stance.PASSIVE) == [feedback_id]
    assert voices.ask("tienda", stance=Stance.PROMOTER) == [unsure]


def forget(session: Any, feedback_id: UUID) -> None:
    """Delete a feedback with all that hangs on it."""
    for model in (Analysis, StanceDecision, Judgement, Obligation):
        session.execute(delete(model).where(model.feedback_id == feedback_id))
    session.execute(delete(DeliveryKey).where(DeliveryKey.feedback_id == feedback_id))
    session.execute(delete(Feedback).where(Feedback.id == feedback_id))


def test_the_index_follows_edits_and_deletions(voices: Any) -> None:
    edited, deleted = voices.say("secreto viejo", 9), voices.say("secreto otro", 9)
    voices.work()
    with voices.runtime.db.writing() as session:
        session.execute(update(Feedback).where(Feedback.id == edited).values(text="palabras nuevas"))
        index.reindex(session, [edited])
    assert voices.ask("secreto") == [deleted]
    assert voices.ask("nuevas") == [edited]
    with voices.runtime.db.writing() as session:
        forget(session, deleted)
        index.squeeze(session)
    assert voices.ask("secreto") == []
    with voices.runtime.db.reading() as session:
        assert queries.first_of(session, queries.superfluous(), 9) == []
        if voices.runtime.db.sqlite:
            kept = session.execute(text("SELECT block FROM feedback_fts_data")).scalars()
            assert not any(b"secreto" in bytes(block) for block in kept), "nothing of it is left in the file"


def test_fts5_agrees_with_its_words(voices: Any) -> None:
    """The database's own check of the index against the table it is made of, after all sorts of changes."""
    if not voices.runtime.db.sqlite:
        pytest.skip("FTS5 is SQLite's")
    ids = [voices.say(f"uno dos {number}", number % 11) for number in range(40)]
    voices.work()
    with voices.runtime.db.writing() as session:
        index.take_out(session, ids[::3])
        session.execute(update(Feedback).where(Feedback.id.in_(ids[1::3])).values(text="tres", stance=Stance.PASSIVE))
        index.reindex(session, ids[:30])
        session.execute(text("INSERT INTO feedback_fts (feedback_fts, rank) VALUES ('integrity-check', 1)"))
        session.execute(text("DELETE FROM feedback_fts WHERE rowid = (SELECT min(id) FROM feedback_search)"))
        with pytest.raises(DatabaseError):
            session.execute(text("INSERT INTO feedback_fts (feedback_fts, rank) VALUES ('integrity-check', 1)"))
        session.rollback()


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_questions_are_answered(voices: Any, typed: str) -> None:
    voices.ask(typed)
    voices.ask(typed, stance=Stance.DETRACTOR, language=typed[:8], since=datetime(1, 1, 1, tzinfo=UTC))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text("ab \"*-(:'&|!<é\\", max_size=9), max_size=5).map(" ".join))
def test_both_databases_find_what_python_finds(voices: Any, typed: str) -> None:
    """Against a slow search over the words themselves."""
    if not voices.count:
        said = ["a b", "b a", "ab ba aab", "é a", "abb abc aabb", "b", "a-b", "a'b é"]
        voices.texts = {voices.say(item): item for item in said}
        voices.work()
    expected = [key for key, item in reversed(voices.texts.items()) if fits(item, typed)]
    assert voices.ask(typed) == (expected if typed.strip() else voices.ask())


def fits(said: str, typed: str) -> bool:
    """Whether a text has what was typed."""
    asked, have = parse(typed), words(said)

    def has(part: Any) -> bool:
        length = len(part.words)
        return any(
            have[at : at + length - 1] == list(part.words[:-1])
            and (
                have[at + length - 1].startswith(part.words[-1])
                if part.beginning
                else have[at + length - 1] == part.words[-1]
            )
            for at in range(len(have) - length + 1)
        )

    return not asked.empty and all(map(has, asked.wanted)) and not any(map(has, asked.unwanted))


def test_long_texts_and_crowds(voices: Any) -> None:
    """A text as long as may be, one endless word, and one word for ever."""
    long = voices.say(" ".join(f"palabra {number}" for number in range(7_000)) + " final")
    endless, same = voices.say("x" * 90_000), voices.say("eco " * 20_000)
    voices.work()
    assert voices.ask("palabra") == [long]
    assert voices.ask('"6999 final"') == [long]
    assert voices.ask("x" * 150) == [endless]
    assert voices.ask("eco") == [same]


def test_twins_of_one_moment_find_a_place(voices: Any) -> None:
    """Keys of one millisecond and number, from several processes: no two share a place, nothing is lost."""
    model = voices.say("gemelo", 9)
    voices.work()
    with voices.runtime.db.writing() as session:
        row = session.get_one(Feedback, model)
        copies = {c.name: getattr(row, c.name) for c in Feedback.__table__.columns}
        twins = [UUID(int=(model.int & ~0xFF) | number) for number in range(40) if (model.int & 0xFF) != number]
        session.add_all(Feedback(**{**copies, "id": twin}) for twin in twins)
        session.flush()
        index.reindex(session, twins[:20])
        index.reindex(session, twins)
    assert len(voices.ask("gemelo", limit=7)) == len(set(voices.ask("gemelo"))) == len(twins) + 1


def run(voices: Any, limit: int) -> int:
    return Engine(voices.runtime, worker="test").drain("slow", limit=limit)


def test_backfill_is_interrupted_and_goes_on(voices: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [voices.say(f"historia {number}", 9) for number in range(25)]
    voices.work()
    late = voices.say("historia sin leer", 9)
    with voices.runtime.db.writing() as session:
        index.take_out(session, ids)
        session.execute(delete(Work).where(Work.kind == queries.BACKFILL))
    monkeypatch.setattr(jobs, "CHUNK", 4)
    jobs.look_after(voices.runtime, voices.runtime.clock())
    jobs.look_after(voices.runtime, voices.runtime.clock())
    run(voices, 2)
    assert voices.ask("historia") == ids[:8][::-1], "two chunks, oldest first"
    with voices.runtime.db.reading() as session:
        assert queries.backfilling(session)
    run(voices, 100)
    assert voices.ask("historia") == ids[::-1]
    voices.work()
    assert voices.ask("historia") == [late, *ids[::-1]]
    jobs.look_after(voices.runtime, voices.runtime.clock())
    with voices.runtime.db.reading() as session:
        assert not queries.backfilling(session), "there is nothing to do"


def test_what_is_too_much_is_taken_out(voices: Any) -> None:
    feedback_id = voices.say("sobra", 9)
    voices.work()
    with voices.runtime.db.writing() as session:
        session.execute(update(Feedback).where(Feedback.id == feedback_id).values(processed_at=None))
    jobs.look_after(voices.runtime, voices.runtime.clock())
    run(voices, 100)
    with voices.runtime.db.reading() as session:
        assert queries.found(session, parse("sobra"), Filters(), after=None, limit=5) == []


def test_a_rare_word_never_walks_the_whole_list(voices: Any) -> None:
    """PostgreSQL: the second statement must ask the index for what there is, whatever the planner thinks."""
    if voices.runtime.db.sqlite:
        pytest.skip("the planner is PostgreSQL's")
    seen: list[str] = []

    @event.listens_for(voices.runtime.db.engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    voices.ask("raro")
    walk, collect = (statement for statement in seen if "tsquery" in statement)
    assert "LIMIT" in walk.split("@@")[0], "the walk is bounded before anything is compared"
    assert "MATERIALIZED" in collect

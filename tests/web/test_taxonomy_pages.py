"""The page of topics: the tree, examples, versions, applying it to the past, and what was learnt."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from voc.jobs.engine import Engine
from voc.model import AnalysisRun, House, Topic, TopicHead
from voc.pipeline.topics import TopicText, save_topic
from voc.security.access import SYSTEM

NAMES = {"names.es": "Cierres", "names.pt": "Zíperes", "names.en": "Zippers"}
WORDS = {"words.es": "cierre", "words.pt": "zíper", "words.en": "zipper*"}
AGAIN = "/understanding/again"


def plain(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def browser(desk: Any) -> Any:
    return desk.browser("Patricia")


def topic(desk: Any, key: str = "zippers") -> Any:
    with desk.runtime.db.reading() as session:
        return session.scalars(select(Topic).where(Topic.key == key)).one()


def last_run(desk: Any) -> Any:
    with desk.runtime.db.reading() as session:
        return session.scalars(select(AnalysisRun).order_by(AnalysisRun.id.desc()).limit(1)).one()


def spare(desk: Any) -> None:
    engine = Engine(desk.runtime, worker="spare")
    while engine.drain("spare") + engine.drain("flow"):
        pass


def test_only_managers_come_in(desk: Any) -> None:
    agent = desk.browser("Camila")
    assert agent.visit("/topics/delivery").status_code == 403
    for path in (AGAIN, "/understanding/heads", "/understanding/heads/back", "/topics/delivery/restore"):
        assert agent.send(path).status_code == 403
        assert desk.browser().send(path).status_code in (302, 400, 401)


def test_a_topic_stands_under_another_with_examples(desk: Any, browser: Any) -> None:
    examples = {"examples.en": "The slider came off.\n\n  It is stuck. "}
    assert (
        browser.send("/topics", key="zippers", parent_key="product_quality", **NAMES, **WORDS, **examples).status_code
        == 303
    )
    saved = topic(desk)
    assert (saved.parent_key, saved.examples["en"]) == ("product_quality", ["The slider came off.", "It is stuck."])
    page = browser.visit("/topics").text
    assert "The slider came off." in page
    wrong = browser.send("/topics/zippers", seen="1", parent_key="zippers", active="on", **NAMES, **WORDS)
    assert wrong.status_code == 422
    assert "A topic cannot stand under itself." in wrong.text
    wrong = browser.send("/topics/zippers", seen="1", active="on", **NAMES, **{**WORDS, "examples.pt": "x" * 501})
    assert (wrong.status_code, "A sentence is too long." in wrong.text) == (422, True)


def test_two_people_at_once(desk: Any, browser: Any) -> None:
    browser.send("/topics", key="zippers", **NAMES, **WORDS)
    assert (
        browser.send("/topics/zippers", seen="1", active="on", **NAMES, **{**WORDS, "words.en": "slider"}).status_code
        == 303
    )
    late = browser.send("/topics/zippers", seen="1", active="on", **NAMES, **{**WORDS, "words.en": "buckle"})
    assert late.status_code == 409
    assert "buckle" in late.text
    assert topic(desk).words["en"] == ["slider"]


def test_versions_are_shown_and_restored(desk: Any, browser: Any) -> None:
    browser.send("/topics", key="zippers", **NAMES, **WORDS)
    browser.send("/topics/zippers", seen="1", **NAMES, **{**WORDS, "words.en": "slider"})
    page = plain(browser.visit("/topics/zippers"))
    for words in ("version 2", "version 1", "slider", "zipper*", "not in use", "Patricia"):
        assert words in page
    assert browser.send("/topics/zippers/restore", number="1", seen="2").status_code == 303
    assert (topic(desk).number, topic(desk).words["en"]) == (3, ["zipper*"])
    # An old page, a version that never was, a topic that is not there, nonsense.
    browser.send("/topics/zippers/restore", number="2", seen="2")
    assert topic(desk).number == 3
    assert browser.send("/topics/zippers/restore", number="77", seen="3").status_code == 404
    assert browser.send("/topics/zippers/restore", number="²", seen="3").status_code == 404
    assert browser.send("/topics/nothing/restore", number="1").status_code == 404
    assert browser.visit("/topics/nothing").status_code == 404


def test_a_topic_may_be_called_anything_that_is_a_key(desk: Any, browser: Any) -> None:
    for key in ("again", "heads", "restore"):
        assert browser.send("/topics", key=key, **NAMES, **WORDS).status_code == 303
        assert browser.visit(f"/topics/{key}").status_code == 200


def test_the_past_follows_when_asked(desk: Any, browser: Any) -> None:
    feedback_id = desk.say("The zipper broke", 2)
    browser.send("/topics", key="zippers", **NAMES, **WORDS)
    assert browser.send(AGAIN, days="30", what="topics").status_code == 303
    assert "It begins in a moment." in plain(browser.visit("/topics"))
    browser.send(f"{AGAIN}/{last_run(desk).id}/stop")
    page = browser.visit("/topics")
    assert "stopped" in plain(page)
    assert f"{AGAIN}/{last_run(desk).id}/resume" in page.text
    assert browser.send(f"{AGAIN}/{last_run(desk).id}/resume").status_code == 303
    spare(desk)
    assert "Last time 1 were read and 1 changed." in plain(browser.visit("/topics"))
    assert "Zippers" in browser.visit(f"/feedback/{feedback_id}").text
    assert browser.send(AGAIN, days="nonsense", what="all").status_code == 303
    run = last_run(desk)
    assert (run.topics_only, run.since is not None) == (False, True)
    nobody = "00000000-0000-7000-8000-000000000000"
    for act in ("stop", "resume"):
        assert browser.send(f"{AGAIN}/{nobody}/{act}").status_code == 404


def test_what_was_learnt_is_shown_used_and_taken_back(desk: Any, browser: Any) -> None:
    assert browser.send("/understanding/heads").status_code == 303
    assert "too few to learn from" in plain(browser.visit("/topics"))
    for key in ("zippers", "buckles"):
        said = TopicText(
            dict.fromkeys(("es", "pt", "en"), key),
            {},
            {"en": [f"my {key[:-1]} {word} {number}" for word in ("stuck", "bent", "lost") for number in range(20)]},
        )
        with desk.runtime.db.writing() as session:
            save_topic(session, key, said, actor=SYSTEM, new=True, now=desk.runtime.clock())
    browser.send("/understanding/heads")
    assert "It is learning" in plain(browser.visit("/topics"))
    browser.send("/understanding/heads")
    assert "It is learning already." in plain(browser.visit("/topics"))
    spare(desk)
    page = plain(browser.visit("/topics"))
    assert "in use" in page
    assert "100.0 %" in page
    with desk.runtime.db.reading() as session:
        head_id = session.scalars(select(TopicHead.id)).one()
    assert browser.send("/understanding/heads/back").status_code == 303
    assert browser.send("/understanding/heads/back").status_code == 303
    assert "No head is in use" in plain(browser.visit("/topics"))
    assert f"/understanding/heads/{head_id}/promote" in browser.visit("/topics").text
    assert browser.send(f"/understanding/heads/{head_id}/promote").status_code == 303
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(House.topic_head_id)).one() == head_id

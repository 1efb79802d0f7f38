"""The taxonomy: topics under topics, examples, versions that can be brought back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from voc.core.errors import Conflict, Forbidden, Invalid, NotFound
from voc.core.vocabulary import RoleName
from voc.model import FeedbackTopic, Topic, TopicVersion
from voc.pipeline.topics import DEEPEST, TopicText, list_topics, restore_topic, save_topic, versions_of
from voc.pipeline.verify import verify
from voc.security.access import SYSTEM, Actor

NAMES = {"es": "Cables", "pt": "Cabos", "en": "Cables"}


def test_a_new_house_has_a_first_version_of_every_topic(house: Any) -> None:
    topics, versions = house.all(Topic), house.all(TopicVersion)
    assert topics
    assert {topic.id for topic in topics} == {version.topic_id for version in versions}
    assert {version.number for version in versions} == {1}


def test_every_save_is_a_version_and_an_earlier_one_comes_back(house: Any) -> None:
    assert house.topic("cables", "cable", new=True, actor=house.boss) == 1
    assert house.topic("cables", "wire", examples={"en": ["The plug came loose."]}) == 2
    assert house.topic("cables", "wire", examples={"en": ["The plug came loose."]}) == 2
    with house.runtime.db.writing() as session:
        restored = restore_topic(session, "cables", 1, actor=house.boss, seen=2, now=house.runtime.clock())
        assert (restored.number, restored.words["en"], restored.examples["en"]) == (3, ["cable"], [])
    with house.runtime.db.reading() as session:
        found = versions_of(session, "cables")
    assert [(version.number, version.words["en"]) for version, _ in found] == [
        (3, ["cable"]),
        (2, ["wire"]),
        (1, ["cable"]),
    ]
    assert [name is not None for _, name in found] == [True, False, True]
    said = house.say("The wire and the cable")
    assert "cables" in house.topics_of(said)
    house.sound()


def test_two_people_at_once_do_not_overwrite_each_other(house: Any) -> None:
    house.topic("cables", "cable", new=True)
    house.topic("cables", "wire", seen=1)
    with pytest.raises(Conflict):
        house.topic("cables", "cord", seen=1)
    with house.runtime.db.writing() as session, pytest.raises(Conflict):
        restore_topic(session, "cables", 1, actor=SYSTEM, seen=1, now=house.runtime.clock())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"names": {"es": "Uno", "pt": "Um", "en": " "}}, "names.en"),
        ({"words": {"pt": ["_ cabo"]}}, "words.pt"),
        ({"words": {"en": ["x" * 81]}}, "words.en"),
        ({"words": {"es": [f"palabra{n}" for n in range(501)]}}, "words.es"),
        ({"examples": {"en": ["x" * 501]}}, "examples.en"),
        ({"examples": {"en": [f"sentence {n}" for n in range(201)]}}, "examples.en"),
        ({"parent_key": "nowhere"}, "parent_key"),
        ({"parent_key": "cables"}, "parent_key"),
        ({"key": "Großes"}, "key"),
        ({"key": "delivery"}, "key"),
        ({"team_id": uuid4()}, "team_id"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(house: Any, change: dict[str, Any], field: str) -> None:
    outside = ("key", "team_id")
    said = TopicText(**{"names": NAMES, "words": {}, **{k: v for k, v in change.items() if k not in outside}})
    key, team_id = change.get("key", "cables"), change.get("team_id")
    before = len(house.all(TopicVersion))
    with pytest.raises(Invalid) as refused, house.runtime.db.writing() as session:
        save_topic(session, key, said, actor=SYSTEM, team_id=team_id, new=True, now=house.runtime.clock())
    assert set(refused.value.fields) == {field}
    assert len(house.all(TopicVersion)) == before


def test_who_may_and_what_is_not_there(house: Any) -> None:
    agent = Actor(user_id=house.user_id, role=RoleName.AGENT, team_ids=frozenset(), name="agent")
    with pytest.raises(Forbidden):
        house.topic("cables", "cable", new=True, actor=agent)
    with pytest.raises(NotFound):
        house.topic("cables", "cable")
    with house.runtime.db.reading() as session, pytest.raises(NotFound):
        versions_of(session, "cables")


def test_topics_never_stand_in_a_circle_nor_too_deep(house: Any) -> None:
    house.topic("level_0", "zero", new=True)
    for number in range(1, DEEPEST):
        house.topic(f"level_{number}", f"word{number}", new=True, parent=f"level_{number - 1}")
    with pytest.raises(Invalid):
        house.topic("level_9", "nine", new=True, parent=f"level_{DEEPEST - 1}")
    with pytest.raises(Invalid):
        house.topic("level_0", "zero", parent=f"level_{DEEPEST - 1}")


def test_what_is_said_of_a_topic_is_said_of_those_above_it(house: Any) -> None:
    house.topic("shop", "shop", new=True)
    house.topic("cables", "cable", new=True, parent="shop")
    house.rule("Shop", '"shop" in topics', tags=["shop"])
    said = house.say("I bought a cable")
    house.counted()
    assert house.topics_of(said) == {"cables"}
    with house.runtime.db.reading() as session:
        counted = set(session.scalars(select(FeedbackTopic.topic).where(FeedbackTopic.feedback_id == said)))
    assert counted == {"cables", "shop"}
    assert [match.name for match in house.matches(said)] == ["Shop"]
    house.sound()


def test_hostile_sentences_are_stored_clean(house: Any) -> None:
    house.topic("cables", "cable\x00\ud800", new=True, examples={"en": ["One\x00 two\ud800", "", "One\x00 two\ud800"]})
    with house.runtime.db.reading() as session:
        topic = next(topic for topic in list_topics(session) if topic.key == "cables")
    assert len(topic.examples["en"]) == 1
    assert "\x00" not in topic.examples["en"][0] + topic.words["en"][0]
    house.sound()


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM topic_version WHERE number = 2", "UPDATE topic SET number = 1", "UPDATE topic SET active = :no"],
)
def test_a_topic_that_is_not_its_newest_version_is_found(house: Any, change: str) -> None:
    house.topic("cables", "cable", new=True)
    house.topic("cables", "wire")
    house.sound()
    with house.runtime.db.writing() as session:
        session.execute(text(change), {"no": False} if ":no" in change else {})
    found = verify(house.runtime, now=house.runtime.clock()).findings
    assert {finding.check for finding in found} == {"topic.version"}

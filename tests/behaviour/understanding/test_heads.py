"""Learning topics from what people corrected and from examples: promoted when it wins, and never for good."""

from __future__ import annotations

import random
from typing import Any

import pytest

from voc.core.errors import Conflict, Forbidden, Invalid, NotFound
from voc.core.ids import new_id
from voc.core.vocabulary import RoleName
from voc.model import House as HouseRow
from voc.model import TopicHead
from voc.pipeline import queries as pipeline
from voc.pipeline.correct import correct_label
from voc.pipeline.heads import queries
from voc.pipeline.heads.learn import ask_learn, gather, learn_when_due, promote, step_back
from voc.security.access import SYSTEM, Actor

SAID = {
    "zippers": ("the slider came off", "teeth do not close", "stuck halfway up", "it will not pull"),
    "smell": ("stinks of smoke", "like wet dog", "perfume all over", "rotten when opened"),
}
FILL = ("really", "today", "again", "you know", "as ever", "please", "in the end", "once more", "honestly")


def sentences(topic: str, count: int) -> list[str]:
    dice = random.Random(topic)
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{dice.choice(SAID[topic])} {' '.join(dice.sample(FILL, 3))}"] = None
    return list(found)


def teach(house: Any, count: int = 60) -> None:
    for topic in SAID:
        house.topic(topic, "nothing that anybody says", new=True, examples={"en": sentences(topic, count)})


def learnt(house: Any) -> Any:
    with house.runtime.db.writing() as session:
        ask_learn(session, actor=house.boss, now=house.runtime.clock())
    house.work()
    with house.runtime.db.reading() as session:
        return queries.heads(session)[0]


def in_use(house: Any) -> Any:
    return house.get(HouseRow, 1).topic_head_id


def test_examples_teach_a_head_that_new_feedback_follows(house: Any) -> None:
    teach(house)
    before = house.say("stuck halfway up again, honestly")
    assert house.topics_of(before) == set()
    head = learnt(house)
    assert (head.number, head.labelled, head.in_use, head.usable) == (1, 120, True, True)
    assert head.scores["both"] >= head.scores["words"] + 0.02
    assert set(head.topics) == set(SAID)
    after = house.say("stuck halfway up today, really")
    assert house.topics_of(after) == {"zippers"}
    assert house.topics_of(before) == set()
    assert house.redo().changed == 1
    assert house.topics_of(before) == {"zippers"}
    packed = house.get(TopicHead, head.id).packed
    assert packed is not None
    assert len(packed) <= 1_000_000
    house.sound()


def test_stepping_back_and_promoting_again(house: Any) -> None:
    teach(house)
    first = learnt(house)
    house.topic("zippers", "nothing", examples={"en": sentences("zippers", 70)})
    second = learnt(house)
    assert (second.number, in_use(house)) == (2, second.id)
    now = house.runtime.clock
    with house.runtime.db.writing() as session:
        step_back(session, actor=house.boss, now=now())
    assert in_use(house) == first.id
    with house.runtime.db.writing() as session:
        step_back(session, actor=house.boss, now=now())
    assert in_use(house) is None
    assert house.topics_of(house.say("stuck halfway up again, honestly")) == set()
    with house.runtime.db.writing() as session, pytest.raises(Conflict):
        step_back(session, actor=house.boss, now=now())
    # Who stepped back is not overruled by the next head that wins.
    house.topic("zippers", "nothing", examples={"en": sentences("zippers", 80)})
    third = learnt(house)
    assert third.usable
    assert in_use(house) is None
    with house.runtime.db.writing() as session:
        promote(session, second.id, actor=house.boss, now=now())
        promote(session, second.id, actor=house.boss, now=now())
    assert in_use(house) == second.id
    assert house.topics_of(house.say("stuck halfway up again, honestly")) == {"zippers"}
    house.sound()


def test_a_head_that_does_not_win_is_not_used(house: Any) -> None:
    for topic, said in SAID.items():
        house.topic(topic, *said, new=True, examples={"en": sentences(topic, 60)})
    head = learnt(house)
    assert (head.usable, head.in_use, head.scores["wins"]) == (False, False, False)
    assert head.scores["words"] > 0.9
    assert house.get(TopicHead, head.id).packed is None
    with house.runtime.db.writing() as session, pytest.raises(Invalid) as refused:
        promote(session, head.id, actor=house.boss, now=house.runtime.clock())
    assert set(refused.value.fields) == {"head"}
    with house.runtime.db.reading() as session:
        assert pipeline.taxonomy(session).head is None
    house.sound()


def test_what_people_corrected_teaches(house: Any) -> None:
    house.topic("zippers", "nothing that anybody says", new=True)
    corrected = house.say("stuck halfway up")
    other = house.say("the lamp is blue")
    house.corrected(corrected, "zippers")
    with house.runtime.db.writing() as session:
        correct_label(session, other, actor=house.boss, label="neutral", now=house.runtime.clock())
    with house.runtime.db.reading() as session:
        (item,) = gather(session)
    assert (item.text, item.topics) == ("stuck halfway up", frozenset({"zippers"}))
    # A correction says more than an example, and what is not in use teaches nothing.
    house.topic("zippers", "nothing", examples={"en": ["stuck halfway up"]})
    house.corrected(corrected)
    with house.runtime.db.reading() as session:
        assert [item.topics for item in gather(session)] == [frozenset()]
    house.corrected(corrected, "zippers")
    house.topic("zippers", "nothing", examples={"en": ["stuck halfway up"]}, active=False)
    with house.runtime.db.reading() as session:
        assert [item.topics for item in gather(session)] == [frozenset()]


def test_it_learns_by_itself_when_there_is_something_new(house: Any) -> None:
    with house.runtime.db.writing() as session:
        assert not learn_when_due(session, now=house.runtime.clock())
    teach(house)
    with house.runtime.db.writing() as session:
        assert learn_when_due(session, now=house.runtime.clock())
        assert not learn_when_due(session, now=house.runtime.clock())
    house.work()
    with house.runtime.db.writing() as session:
        assert not learn_when_due(session, now=house.runtime.clock())
    assert len(house.all(TopicHead)) == 1
    assert learnt(house).number == 1


def test_too_little_and_too_soon_are_refused(house: Any) -> None:
    teach(house, 20)
    now = house.runtime.clock
    with house.runtime.db.writing() as session, pytest.raises(Invalid) as refused:
        ask_learn(session, actor=house.boss, now=now())
    assert refused.value.fields == {"labelled": ["There are 40 labelled texts; at least 100 are needed."]}
    house.topic("zippers", "nothing", examples={"en": sentences("zippers", 90)})
    with house.runtime.db.writing() as session:
        ask_learn(session, actor=house.boss, now=now())
    with house.runtime.db.writing() as session, pytest.raises(Conflict):
        ask_learn(session, actor=house.boss, now=now())
    agent = Actor(user_id=house.user_id, role=RoleName.AGENT, team_ids=frozenset(), name="agent")
    with house.runtime.db.writing() as session:
        for forbidden in (ask_learn, step_back):
            with pytest.raises(Forbidden):
                forbidden(session, actor=agent, now=now())
        with pytest.raises(NotFound):
            promote(session, new_id(), actor=SYSTEM, now=now())


def test_a_head_of_another_time_is_left_out(house: Any) -> None:
    teach(house)
    head = learnt(house)
    with house.runtime.db.writing() as session:
        session.get_one(TopicHead, head.id).packed = b'VOCHEAD\n13\n{"format": 99}'
    with house.runtime.db.writing() as session:
        # Another process comes to it fresh: a save makes this one look again.
        session.get_one(HouseRow, 1).topic_head_id = head.id
    house.topic("smell", "stinks", examples={"en": sentences("smell", 60)})
    said = house.say("it stinks")
    assert house.topics_of(said) == {"smell"}

"""Whom an answer reaches when several people wrote on a case: pure, and held by properties."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from voc.cases.audience import Voice, choices, passed_over, people
from voc.cases.reaching import Way
from voc.core.ids import new_id
from voc.core.vocabulary import Via

ANA, EVA = "ana@example.pe", "eva@example.pe"


def mail(address: str | None, *, to: str | None = None, customer_id: UUID | None = None) -> Voice:
    """A mail from somebody, to be answered at `to`."""
    target = to or address
    key = new_id()
    way = Way(Via.CHANNEL, target, None, "Ayuda", {"to": target, "message_id": str(key)}) if target else None
    return Voice(key, {"email": address} if address else None, customer_id, way)


def missed(voices: list[Voice], answered: Voice) -> list[UUID]:
    """What an answer to one of these voices leaves unanswered."""
    assert answered.way is not None
    way = answered.way
    return passed_over(
        voices, headline_id=voices[0].feedback_id, via=way.via, recipient=way.recipient, reply_to=way.reply_to
    )


def test_an_answer_to_one_is_no_answer_to_another() -> None:
    ana, eva, again = mail(ANA), mail(EVA), mail("Ana@Example.pe")
    assert missed([ana, eva, again], ana) == [eva.feedback_id]
    assert missed([ana, eva, again], eva) == [ana.feedback_id, again.feedback_id]


def test_who_left_nothing_may_be_anybody() -> None:
    nobody, ana, eva = mail(None), mail(ANA), mail(EVA)
    assert missed([nobody, ana], ana) == []
    assert missed([nobody, ana, eva], ana) == [eva.feedback_id]


def test_one_verified_customer_with_two_addresses_is_one_person() -> None:
    customer = new_id()
    ana, work, eva = mail(ANA, customer_id=customer), mail("ana@work.pe", customer_id=customer), mail(EVA)
    assert missed([ana, work, eva], work) == [eva.feedback_id]


def test_two_who_ask_for_answers_at_one_address_are_answered_there() -> None:
    ana, son = mail(ANA), mail("son@example.pe", to=ANA)
    assert missed([ana, son], ana) == []


def test_who_cannot_be_answered_otherwise_is_not_passed_over() -> None:
    ana = mail(ANA)
    phone = Voice(new_id(), {"phone": "+51 1 234567"}, None, None)
    assert missed([ana, phone], ana) == []


def test_an_address_that_nobody_has_tells_nobody_apart() -> None:
    ana, eva = mail(ANA), mail(EVA)
    found = passed_over(
        [ana, eva], headline_id=ana.feedback_id, via=Via.EMAIL, recipient="other@example.pe", reply_to=None
    )
    assert found == []


def test_the_status_page_is_for_whom_the_case_is_about() -> None:
    form = Voice(new_id(), {"name": "Ana", "phone": "1"}, None, None)
    eva = mail(EVA)
    found = passed_over([form, eva], headline_id=form.feedback_id, via=Via.STATUS_PAGE, recipient=None, reply_to=None)
    assert found == [eva.feedback_id]


def test_a_voice_that_joins_two_groups_makes_them_one() -> None:
    one = Voice(new_id(), {"email": ANA}, None, None)
    two = Voice(new_id(), {"phone": "1"}, None, None)
    both = Voice(new_id(), {"email": ANA, "phone": "1"}, None, None)
    assert people([one, two, both]) == [[one, two, both]]


def test_everybody_can_be_chosen_and_who_waits_is_marked() -> None:
    ana, eva = mail(ANA), mail(EVA)
    assert ana.way is not None
    found = choices([ana, eva], headline_id=ana.feedback_id, way=ana.way, waiting=frozenset({eva.feedback_id}))
    assert [(item.key, item.way.recipient, item.waiting) for item in found] == [
        (ana.feedback_id, ANA, False),
        (eva.feedback_id, EVA, True),
    ]


ADDRESSES = st.sampled_from([None, "a@x.pe", "b@x.pe", "c@x.pe", "A@X.pe"])
VOICES = st.lists(st.tuples(ADDRESSES, ADDRESSES, st.integers(0, 2)), min_size=1, max_size=7)


def made(drawn: list[tuple[str | None, str | None, int]]) -> list[Voice]:
    customers = [None, new_id(), new_id()]
    return [mail(address, to=to, customer_id=customers[which]) for address, to, which in drawn]


@given(VOICES)
def test_answering_everybody_in_turn_leaves_nobody_out(drawn: list[tuple[str | None, str | None, int]]) -> None:
    voices = made(drawn)
    left = {voice.feedback_id for voice in voices}
    default = next((voice.way for voice in voices if voice.way), Way(Via.STATUS_PAGE))
    for choice in choices(voices, headline_id=voices[0].feedback_id, way=default, waiting=frozenset()):
        over = passed_over(
            voices, headline_id=voices[0].feedback_id, via=choice.way.via, recipient=choice.way.recipient,
            reply_to=choice.way.reply_to,
        )  # fmt: skip
        assert not set(choice.feedback_ids) & set(over)
        left &= set(over)
    assert left == set()


@given(VOICES)
def test_each_voice_stands_in_one_group_at_most(drawn: list[tuple[str | None, str | None, int]]) -> None:
    voices = made(drawn)
    placed = [voice.feedback_id for group in people(voices) for voice in group]
    assert len(placed) == len(set(placed))


@given(VOICES)
def test_whoever_the_answer_went_to_is_never_passed_over(drawn: list[tuple[str | None, str | None, int]]) -> None:
    voices = made(drawn)
    for voice in voices:
        if voice.way is not None:
            assert voice.feedback_id not in missed(voices, voice)

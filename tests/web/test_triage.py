"""The working pages over a real house: inbox, case, judging, feedback, topics, status."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from voc.cases import queries
from voc.cases.assign import assign
from voc.core.vocabulary import MessageState, ObligationState, ReceiptState, RoleName, Stance, Via, WorkState
from voc.model import Case, Feedback, Judgement, Message, Obligation, Receipt, Topic, Work
from voc.pipeline.verify.report import TITLES
from voc.security import queries as security

ANGRY = "Your delivery was terrible <b>and</b> slow & I will sue you"


def case_of(desk: Any, feedback_id: UUID) -> Case:
    with desk.runtime.db.reading() as session:
        found: Case = session.get_one(Case, session.get_one(Feedback, feedback_id).case_id)
        return found


@pytest.fixture
def case(desk: Any) -> Case:
    """A case of somebody who left an address."""
    return case_of(desk, desk.say(ANGRY, 2, name="Rosa Elena Quispe", email="rosa@example.com"))


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


PAGES = ["/inbox", "/inbox?queue=resolved", "/inbox?order=due", "/judge", "/feedback", "/status", "/account"]


@pytest.mark.parametrize("path", [*PAGES, "/topics", "/settings/users"])
def test_nobody_gets_in_without_signing_in(desk: Any, path: str) -> None:
    answer = desk.browser().visit(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=/")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_an_agent(desk: Any, case: Case, path: str) -> None:
    assert desk.browser("Camila").visit(path).status_code == 200


def test_cases_and_topics_that_are_not_there(desk: Any) -> None:
    browser = desk.browser("Lucia")
    for path in ("/cases/01900000-0000-7000-8000-000000000000", "/cases/abc", "/feedback/abc"):
        assert browser.visit(path).status_code == 404
    assert browser.send("/topics/nothing", **{f"names.{code}": "x" for code in ("es", "pt", "en")}).status_code == 404


# ——— Inbox


def test_the_inbox_shows_who_and_what_they_said(desk: Any, case: Case) -> None:
    page = desk.browser("Camila").visit("/inbox").text
    assert f'href="/cases/{case.id}"' in page
    assert "Rosa Elena Quispe" in page
    assert "stance--detractor" in page
    assert "Your delivery was terrible &lt;b&gt;and&lt;/b&gt;" in page


def test_queues_hold_what_their_names_say(desk: Any, case: Case, clock: Any) -> None:
    browser = desk.browser("Camila")

    def found(queue: str) -> bool:
        return str(case.id) in browser.visit(f"/inbox?queue={queue}").text

    assert [found(name) for name in ("open", "mine", "unassigned", "overdue", "resolved")] == [
        True, False, True, False, False,
    ]  # fmt: skip
    browser.send(f"/cases/{case.id}/assign", owner_id=str(desk.people["Camila"]), version="1")
    clock.forward(days=5)
    assert [found(name) for name in ("mine", "unassigned", "overdue")] == [True, False, True]


def test_an_empty_queue_says_so(desk: Any) -> None:
    assert "Nobody is waiting here" in desk.browser("Camila").visit("/inbox?queue=mine").text


def test_show_more_walks_through_everything_once(desk: Any) -> None:
    for number in range(53):
        desk.say(f"Bad {number}", 1, work=False)
    desk.work()
    browser = desk.browser("Camila")
    for order in ("attention", "due"):
        path, seen = f"/inbox?order={order}", []
        while path:
            page = browser.visit(path).text
            seen += re.findall(r'href="/cases/([0-9a-f-]+)"', page)
            more = re.search(r'href="([^"]+)" rel="next"', page)
            path = more[1].replace("&amp;", "&") if more else ""
        assert len(seen) == len(set(seen)) == 53


def test_a_key_of_no_page_is_refused(desk: Any) -> None:
    assert desk.browser("Camila").visit("/inbox?after=nonsense").status_code == 422


def test_due_first_has_headings(desk: Any, case: Case, clock: Any) -> None:
    browser = desk.browser("Camila")
    assert "rows__head" not in browser.visit("/inbox").text
    clock.forward(days=5)
    assert '<h3 class="rows__head">Overdue</h3>' in browser.visit("/inbox?order=due").text


def test_the_number_of_statements_does_not_grow(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    paths = ("/inbox", f"/cases/{case.id}", "/feedback", "/judge")
    browser.visit("/inbox")
    before = {path: desk.statements(lambda path=path: browser.visit(path)) for path in paths}
    for number in range(8):
        desk.say(f"Terrible delivery {number}", 0)
        desk.say(f"Fui a la tienda {number}")
    assert {path: desk.statements(lambda path=path: browser.visit(path)) for path in paths} == before


# ——— Case


def test_the_case_marks_the_words_and_says_why(desk: Any, case: Case) -> None:
    page = desk.browser("Camila").visit(f"/cases/{case.id}").text
    assert re.search(r'<mark class="evidence evidence--bad">Your delivery was terrible &lt;b&gt;and', page)
    assert re.search(r'<mark class="evidence evidence--risk">[^<]*sue[^<]*<sup>\d</sup></mark>', page)
    assert "Legal risk" in page
    assert "Detractor because of NPS 2" in page
    assert "Read as English by voc-linear" in page


def test_what_no_analyzer_covers_is_called_so(desk: Any) -> None:
    case = case_of(desk, desk.say("Der Service war sehr schlecht und niemand antwortet", 1))
    page = desk.browser("Camila").visit(f"/cases/{case.id}").text
    assert "never neutral" in page


def test_an_answer_goes_out_and_takes_the_case(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    page = browser.visit(f"/cases/{case.id}").text
    assert "by e-mail to rosa@example.com" in page
    answer = browser.send(f"/cases/{case.id}/say", text="I am sorry.", kind="answer", version=version_in(page))
    assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}?said=1")
    page = browser.visit(f"/cases/{case.id}").text
    assert "I am sorry." in page
    assert "on its way" in page
    assert "In the hands of" in page


def test_two_people_never_answer_the_same_state(desk: Any, case: Case) -> None:
    slow, fast = desk.browser("Camila"), desk.browser("Patricia")
    seen = version_in(slow.visit(f"/cases/{case.id}").text)
    fast.send(f"/cases/{case.id}/say", text="First.", kind="answer", version=seen)
    answer = slow.send(f"/cases/{case.id}/say", text="My <long> text", kind="answer", version=seen, resolve="on")
    assert answer.status_code == 409
    assert "Patricia answered" in answer.text
    assert "still here, unsent" in answer.text
    assert ">\nMy &lt;long&gt; text</textarea>" in answer.text
    assert 'name="resolve" checked' in answer.text
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Message.text)).all() == ["First."]
    # Having seen it, the same text may go.
    assert (
        slow.send(f"/cases/{case.id}/say", text="Mine.", kind="answer", version=version_in(answer.text)).status_code
        == 303
    )


def test_nothing_to_send_is_said(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    answer = browser.send(f"/cases/{case.id}/say", text="  ", kind="answer", version="1")
    assert answer.status_code == 422
    assert "Please write something." in answer.text
    answer = browser.send(f"/cases/{case.id}/say", text="x" * 20_001, kind="answer", version="1")
    assert answer.status_code == 422
    assert "x" * 20_001 in answer.text


def test_an_ended_session_loses_no_text(desk: Any, case: Case) -> None:
    desk.browser("Camila", password="lluvia sobre lima", again="lluvia sobre lima")
    gone = desk.browser()
    door = gone.send(f"/cases/{case.id}/say", token="old", text="A long\n<answer>", kind="answer", version="1")
    assert door.status_code == 401
    assert "Your session ended. The draft is saved and waits for you." in door.text
    draft = re.search(r'<textarea name="draft" hidden>\n(.*?)</textarea>', door.text, re.DOTALL)
    assert draft is not None
    assert draft[1] == "A long\n&lt;answer&gt;"
    carry = gone.send(
        "/login",
        token=gone.token(door.text),
        email="camila@aurora.example",
        password="lluvia sobre lima",
        next=f"/cases/{case.id}",
        draft="A long\n<answer>",
    )
    assert carry.status_code == 200
    assert f'action="/cases/{case.id}/draft"' in carry.text
    back = gone.send(f"/cases/{case.id}/draft", token=gone.token(carry.text), text="A long\n<answer>")
    assert ">\nA long\n&lt;answer&gt;</textarea>" in back.text
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Message)).all() == []


def test_a_page_of_an_older_session_loses_no_text(desk: Any, case: Case) -> None:
    answer = desk.browser("Camila").send(f"/cases/{case.id}/say", token="old", text="Still here", version="1")
    assert answer.status_code == 400
    assert ">\nStill here</textarea>" in answer.text
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("act", ["assign", "priority", "resolve", "reopen"])
def test_no_act_without_the_token(desk: Any, case: Case, act: str) -> None:
    browser = desk.browser("Camila")
    answer = browser.send(f"/cases/{case.id}/{act}", token="old", version="1", priority="low")
    assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}")
    assert case_of_id(desk, case.id).version == 1


def case_of_id(desk: Any, key: UUID) -> Case:
    with desk.runtime.db.reading() as session:
        found: Case = session.get_one(Case, key)
        return found


def test_a_note_stays_in_the_house(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    assert browser.send(f"/cases/{case.id}/say", text="Treasury confirms.", kind="note").status_code == 303
    page = browser.visit(f"/cases/{case.id}").text
    assert "message--note" in page
    assert "Treasury confirms." in page
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Message)).all() == []


def test_giving_and_setting_the_priority(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    browser.send(f"/cases/{case.id}/assign", owner_id=str(desk.people["Patricia"]), version="1")
    browser.send(f"/cases/{case.id}/priority", priority="urgent", version="2")
    page = browser.visit(f"/cases/{case.id}").text
    assert "Camila gave the case to Patricia" in page
    assert "Camila set the priority to urgent" in page
    stale = browser.send(f"/cases/{case.id}/assign", owner_id="", version="1")
    assert stale.status_code == 409
    assert browser.send(f"/cases/{case.id}/assign", owner_id=str(case.id), version="3").status_code == 422


def test_resolving_waits_for_the_promise_and_can_be_undone(desk: Any, case: Case) -> None:
    browser = desk.browser("Patricia")
    refused = browser.send(f"/cases/{case.id}/resolve", version="1")
    assert refused.status_code == 409
    assert "still waits for an answer" in refused.text
    with desk.runtime.db.reading() as session:
        obligation = session.scalars(select(Obligation)).one()
    path = f"/cases/{case.id}/obligations/{obligation.id}/waive"
    assert f'id="waive-{obligation.id}"' in browser.visit(f"/cases/{case.id}").text
    empty = browser.send(path, reason=" ")
    assert empty.status_code == 422
    assert "Please say why." in empty.text
    assert re.search(rf'id="waive-{obligation.id}"[^>]* open', empty.text)
    assert browser.send(path, reason="A test of the shop").status_code == 303
    page = browser.visit(f"/cases/{case.id}").text
    assert "Patricia waived the answer: A test of the shop" in page
    done = browser.send(f"/cases/{case.id}/resolve", version=version_in(page))
    assert done.location == f"/cases/{case.id}?resolved=1"
    page = browser.visit(done.location).text
    assert "Case resolved." in page
    assert f'action="/cases/{case.id}/reopen"' in page
    browser.send(f"/cases/{case.id}/reopen", version=version_in(page))
    assert "Patricia opened the case again" in browser.visit(f"/cases/{case.id}").text


def test_an_agent_cannot_waive(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    with desk.runtime.db.reading() as session:
        obligation = session.scalars(select(Obligation)).one()
    assert "/waive" not in browser.visit(f"/cases/{case.id}").text
    assert browser.send(f"/cases/{case.id}/obligations/{obligation.id}/waive", reason="no").status_code == 403
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Obligation.state)).one() is ObligationState.OPEN


def test_a_failed_answer_stays_visible_with_what_to_do(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    browser.send(f"/cases/{case.id}/say", text="I am sorry.", kind="answer", version="1")
    with desk.runtime.db.writing() as session:
        message = session.scalars(select(Message)).one()
        assert message.via is Via.EMAIL
        message.state, message.error = MessageState.FAILED, "the server refused it: 552 mailbox full"
    page = browser.visit(f"/cases/{case.id}").text
    assert "message--failed" in page
    assert "552 mailbox full" in page
    assert browser.send(f"/cases/{case.id}/messages/{message.id}/retry").status_code == 303
    assert "message--failed" not in browser.visit(f"/cases/{case.id}").text
    assert browser.send(f"/cases/{case.id}/messages/{message.id}/retry").status_code == 409


def test_an_answer_without_an_address_stands_on_the_status_page(desk: Any) -> None:
    case = case_of(desk, desk.say("Bad", 0))
    page = desk.browser("Camila").visit(f"/cases/{case.id}").text
    assert "on the status page" in page
    assert "Somebody without a name" in page


# ——— Correcting and judging


def test_correcting_keeps_what_the_machine_said(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    with desk.runtime.db.reading() as session:
        feedback_id = session.scalars(select(Feedback.id)).one()
    back = f"/cases/{case.id}"
    answer = browser.send(f"/feedback/{feedback_id}/stance", stance="passive", back=back)
    assert (answer.status_code, answer.location) == (303, back)
    page = browser.visit(back).text
    assert "Passive, as Camila says. Before that: Detractor." in page
    browser.send(f"/feedback/{feedback_id}/label", label="neutral", back=back)
    page = browser.visit(back).text
    assert "Camila corrected what was read: the text is neutral." in page
    assert "The machine said: negative; Delivery" in page


def test_topics_are_added_and_taken_away_by_one_click(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    with desk.runtime.db.reading() as session:
        feedback_id = session.scalars(select(Feedback.id)).one()

    def topics() -> list[str]:
        page = browser.visit(f"/feedback/{feedback_id}").text
        return sorted(re.findall(r'name="topic" value="([a-z_]+)"', page))

    before = topics()
    assert "delivery" in before
    browser.client.post(
        f"/feedback/{feedback_id}/topics",
        data={"csrf_token": browser.token(), "topic": before, "toggle": "price"},
    )
    assert topics() == sorted([*before, "price"])
    browser.client.post(
        f"/feedback/{feedback_id}/topics",
        data={"csrf_token": browser.token(), "topic": topics(), "toggle": "delivery"},
    )
    assert topics() == sorted([*(key for key in before if key != "delivery"), "price"])


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example"])
def test_going_back_never_leaves_the_house(desk: Any, case: Case, back: str) -> None:
    with desk.runtime.db.reading() as session:
        feedback_id = session.scalars(select(Feedback.id)).one()
    answer = desk.browser("Camila").send(f"/feedback/{feedback_id}/stance", stance="passive", back=back)
    assert answer.location == f"/feedback/{feedback_id}"


def test_nonsense_corrects_nothing(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    with desk.runtime.db.reading() as session:
        feedback_id = session.scalars(select(Feedback.id)).one()
    for act, values in (("stance", {"stance": "king"}), ("label", {"label": "x"}), ("topics", {"toggle": "x"})):
        assert browser.send(f"/feedback/{feedback_id}/{act}", **values).status_code == 303
    with desk.runtime.db.reading() as session:
        assert session.get_one(Feedback, feedback_id).stance is Stance.DETRACTOR


def test_one_click_judges_and_a_detractor_gets_a_case(desk: Any) -> None:
    feedback_id = desk.say("Ich war gestern im Laden")
    first, second = desk.browser("Camila"), desk.browser("Patricia")
    page = first.visit("/judge").text
    assert "Ich war gestern im Laden" in page
    assert f'action="/judge/{feedback_id}"' in page
    assert first.send(f"/judge/{feedback_id}", stance="detractor").location == "/judge"
    assert "Judged: Detractor." in first.visit("/judge").text
    assert "Nothing waits to be judged" in first.visit("/judge").text
    second.send(f"/judge/{feedback_id}", stance="passive")
    assert "Somebody else judged this a moment ago." in second.visit("/judge").text
    assert case_of(desk, feedback_id).number == 1
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Judgement.decision)).one() == "detractor"


def test_all_feedback_by_stance(desk: Any) -> None:
    desk.say("Bad", 0)
    desk.say("Wonderful staff", 10)
    browser = desk.browser("Camila")
    page = browser.visit("/feedback").text
    assert "Bad" in page
    assert "Wonderful staff" in page
    page = browser.visit("/feedback?stance=promoter").text
    assert "Wonderful staff" in page
    assert ">Bad<" not in page
    assert browser.visit("/feedback?stance=king").status_code == 200


# ——— Topics and status


NAMES = {"names.es": "Entrega", "names.pt": "Entrega", "names.en": "Delivery & post"}
WORDS = {"words.es": "reparto\n  envio*  ", "words.pt": "entrega*", "words.en": "parcel*"}


def test_topics_are_for_managers(desk: Any) -> None:
    assert desk.browser("Camila").visit("/topics").status_code == 403
    assert desk.browser("Camila").send("/topics/delivery", **NAMES, **WORDS).status_code == 403


def test_saving_a_topic(desk: Any) -> None:
    browser = desk.browser("Patricia")
    assert browser.send("/topics/delivery", active="on", team_id="", **NAMES, **WORDS).status_code == 303
    with desk.runtime.db.reading() as session:
        topic = session.scalars(select(Topic).where(Topic.key == "delivery")).one()
    assert topic.words["es"] == ["reparto", "envio*"]
    assert "Delivery &amp; post" in browser.visit("/topics").text
    wrong = browser.send("/topics/delivery", **{**NAMES, "names.es": " "}, **WORDS)
    assert wrong.status_code == 422
    assert "The name is missing." in wrong.text
    assert "Delivery &amp; post" in wrong.text


def test_adding_a_topic(desk: Any) -> None:
    browser = desk.browser("Patricia")
    wrong = browser.send("/topics", key="Two Words", **NAMES, **WORDS)
    assert wrong.status_code == 422
    assert 'value="Two Words"' in wrong.text
    assert browser.send("/topics", key="parking", **NAMES, **WORDS).status_code == 303
    assert browser.send("/topics", key="parking", **NAMES, **WORDS).status_code == 422


def test_status_shows_plugins_and_replays_quarantine(desk: Any, case: Case) -> None:
    with desk.runtime.db.writing() as session:
        session.execute(update(Receipt).values(state=ReceiptState.QUARANTINED, reason="a broken <form>"))
        receipt_id = session.scalars(select(Receipt.id)).one()
    agent, manager = desk.browser("Camila"), desk.browser("Patricia")
    page = agent.visit("/status").text
    assert "a broken &lt;form&gt;" in page
    assert "TextBlob" in page
    assert TITLES["I4"] in page
    assert "/replay" not in page
    assert agent.send(f"/status/receipts/{receipt_id}/replay").status_code == 403
    assert f"/status/receipts/{receipt_id}/replay" in manager.visit("/status").text
    assert manager.send(f"/status/receipts/{receipt_id}/replay").location == "/status"
    with desk.runtime.db.reading() as session:
        assert session.get_one(Receipt, receipt_id).state is ReceiptState.STORED
    manager.send(f"/status/receipts/{receipt_id}/replay")
    assert "not in quarantine any more" in manager.visit("/status").text


def test_status_releases_work(desk: Any) -> None:
    desk.say("Bad", 0, work=False)
    with desk.runtime.db.writing() as session:
        session.execute(update(Work).values(state=WorkState.QUARANTINED, error="boom"))
        work_id = session.scalars(select(Work.id)).first()
    manager = desk.browser("Patricia")
    assert manager.send(f"/status/work/{work_id}/release").location == "/status"
    with desk.runtime.db.reading() as session:
        assert session.get_one(Work, work_id).state is WorkState.TODO


def test_the_actor_has_role_and_teams(desk: Any, case: Case) -> None:
    with desk.runtime.db.reading() as session:
        actor = security.actor_of(session, desk.people["Patricia"])
        assert actor.role is RoleName.MANAGER
        view = queries.case_view(session, case.id, viewer=actor)
    with desk.runtime.db.writing() as session:
        assign(session, case.id, actor=actor, owner_id=None, version=view.version, now=desk.runtime.clock())
    assert "Patricia took the case from everybody" in desk.browser("Camila").visit(f"/cases/{case.id}").text


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("priority", {"priority": "zz"}),
        ("priority", {}),
        ("assign", {"owner_id": "zz"}),
        ("assign", {}),
        ("say", {"text": "Internal"}),
        ("say", {"text": "Internal", "kind": "zz"}),
    ],
)
def test_what_means_nothing_is_refused_and_never_guessed(
    desk: Any, case: Case, act: str, values: dict[str, str]
) -> None:
    browser = desk.browser("Camila")
    assert browser.send(f"/cases/{case.id}/{act}", version="1", **values).status_code == 422
    assert case_of_id(desk, case.id).version == 1

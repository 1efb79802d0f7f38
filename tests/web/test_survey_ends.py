"""Surveys by the public link, links that lead nowhere, and leaving: ends are kind, and tell nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from sqlalchemy import select

from tests.web.asking import ANA, WORDS, Asking, said, ticket_of
from voc.core.vocabulary import InvitationState, ReceiptState
from voc.model import Case, Channel, ContactPoint, Invitation, Receipt, Suppression
from voc.pipeline.verify import verify
from voc.surveys.people import Person
from voc.surveys.upkeep import keep_up

# ——— Links that lead nowhere


def variants(token: str) -> list[str]:
    other = "A" if token[30] != "A" else "B"
    return [token[:30] + other + token[31:], token[:-1], token + "A", token.lower(), "x", "a" * 48, "%00", "é" * 48]


def test_a_link_that_we_did_not_write_says_nothing(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    pages = set()
    for wrong in variants(token):
        for path in (f"/s/{wrong}", f"/s/{wrong}?score=3", f"/s/{wrong}/why", f"/u/{wrong}"):
            answer = asking.client.get(path)
            assert answer.status_code == 404, path
            pages.add(answer.text)
        for path in (f"/s/{wrong}", f"/s/{wrong}/why", f"/u/{wrong}"):
            assert asking.client.post(path, data={"score": "3", "text": "x"}).status_code == 404
    assert len(pages) == 1
    assert "Este enlace no lleva a ninguna parte" in unescape(pages.pop())
    assert asking.all(Receipt) == asking.all(Suppression) == []


def test_the_token_of_somebody_forgotten_leads_nowhere(asking: Asking) -> None:
    from sqlalchemy import delete

    (token,) = asking.invite(ANA)
    with asking.runtime.db.writing() as session:
        session.execute(delete(Invitation))
    assert asking.client.get(f"/s/{token}").status_code == 404
    assert asking.client.post(f"/u/{token}").status_code == 404


def test_time_that_is_over(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    ticket = ticket_of(asking.client.get(f"/s/{token}").text)
    asking.clock.forward(days=30, seconds=1)
    for answer in (
        asking.client.get(f"/s/{token}?score=3"),
        asking.client.post(f"/s/{token}", data={"_ticket": ticket, "score": "3"}),
    ):
        assert (answer.status_code, "terminó" in said(answer)) == (410, True)
    assert asking.all(Receipt) == []
    keep_up(asking.runtime, asking.clock())
    assert [it.state for it in asking.all(Invitation)] == [InvitationState.EXPIRED]


def test_words_may_come_after_the_time_for_the_score(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    why = asking.tap(f"/s/{token}", 4).location
    asking.clock.forward(days=31)
    assert asking.client.post(why, data={"text": WORDS}).status_code == 303
    assert "Ya respondió" in said(asking.client.get(f"/s/{token}"))


def test_a_survey_that_was_switched_off(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    with asking.runtime.db.writing() as session:
        session.scalars(select(Channel).where(Channel.slug == "nps")).one().active = False
    assert asking.client.get(f"/s/{token}").status_code == 410
    assert asking.client.get("/s/nps").status_code == 404


# ——— By the public link


def test_the_public_link_in_two_steps(asking: Asking) -> None:
    assert asking.client.get("/f/nps?lang=pt").location == "/s/nps?lang=pt"
    answer = asking.tap("/s/nps", 6)
    assert answer.status_code == 303
    thanks = asking.client.post(answer.location, data={"text": WORDS})
    assert asking.client.get(thanks.location).status_code == 200
    assert [(row.score, row.text, row.author) for row in asking.feedback()] == [(6, WORDS, None)]


def test_two_people_are_two_and_one_page_is_one(asking: Asking) -> None:
    page = asking.client.get("/s/nps").text
    values = {"_ticket": ticket_of(page), "score": "0"}
    locations = {asking.client.post("/s/nps", data=values).location for _ in range(3)}
    assert len(locations) == 1
    asking.tap("/s/nps", 0)
    assert [row.score for row in asking.feedback()] == [0, 0]
    changed = asking.client.post("/s/nps", data={**values, "score": "7"})
    assert (changed.status_code, "Ya respondió" in said(changed)) == (409, True)


def test_the_reason_of_one_page_never_lands_at_another(asking: Asking) -> None:
    first, second = asking.tap("/s/nps", 0).location, asking.tap("/s/nps", 10).location
    asking.client.post(second, data={"text": "bien"})
    asking.client.post(first, data={"text": "mal"})
    assert sorted((row.score, row.text) for row in asking.feedback()) == [(0, "mal"), (10, "bien")]
    forged = re.sub(r"k=.", "k=!", first)
    assert asking.client.post(forged, data={"text": "x"}).location.startswith("/s/nps?")
    other = asking.survey("otra")
    assert other
    assert asking.client.post(first.replace("/s/nps", "/s/otra"), data={"text": "x"}).location.startswith("/s/otra?")


def test_a_robot_is_kept_apart(asking: Asking) -> None:
    answer = asking.tap("/s/nps", 1, _homepage="buy")
    asking.client.post(answer.location, data={"text": "buy now"})
    asking.work()
    assert [row.state for row in asking.all(Receipt)] == [ReceiptState.ROBOT] * 2
    assert asking.feedback() == []


def test_who_answers_is_asked_only_where_that_is_wanted(asking: Asking) -> None:
    asking.survey("quien", contact=True, metric="ces")
    answer = asking.tap("/s/quien", 7)
    page = asking.client.get(answer.location).text
    assert 'name="email"' in page
    assert asking.client.post(answer.location, data={"email": "no"}).status_code == 422
    asking.client.post(answer.location, data={"text": WORDS, "email": "eva@correo.example", "name": "Eva"})
    (feedback,) = asking.feedback()
    assert (feedback.metric, feedback.score, feedback.text) == ("ces", 7, WORDS)
    assert feedback.author["email"] == "eva@correo.example"
    assert not feedback.author["verified"]
    assert feedback.customer_id is None


def test_somebody_unhappy_who_leaves_an_address_afterwards_is_answered_there(asking: Asking) -> None:
    """The case was open before anybody knew whose it is."""
    asking.survey("quien", contact=True)
    why = asking.tap("/s/quien", 0).location
    asking.work()
    (case,) = asking.all(Case)
    assert case.contact_point_id is None
    asking.client.post(why, data={"email": "eva@correo.example"})
    (feedback,) = asking.feedback()
    (case,), (point,) = asking.all(Case), asking.all(ContactPoint)
    assert case.contact_point_id == feedback.contact_point_id == point.id
    assert point.email == "eva@correo.example"
    assert verify(asking.runtime, now=asking.clock()).findings == ()


def test_without_a_reason_the_score_is_all(asking: Asking) -> None:
    asking.survey("corta", reason=False, metric="csat")
    page = asking.client.get("/s/corta").text
    assert page.count('type="submit"') == 5
    assert "progress" not in page
    assert "/thanks" in asking.tap("/s/corta", 1).location


def test_the_second_page_knows_nobody_it_was_not_given(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    asking.survey("quien", contact=True)
    (known,) = asking.invite(Person("eva@correo.example"), slug="quien")
    assert 'name="email"' not in asking.client.get(asking.tap(f"/s/{known}", 5).location).text
    assert asking.client.get(f"/s/{token}/thanks?c=ABC&s=wrong").status_code == 404


# ——— No more surveys


def test_unsubscribing_needs_the_button(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    for _ in range(2):
        page = asking.client.get(f"/u/{token}")
        assert (page.status_code, "<form" in page.text) == (200, True)
        assert asking.client.head(f"/u/{token}").status_code == 200
    assert asking.all(Suppression) == []
    for _ in range(2):
        done = asking.client.post(f"/u/{token}")
        assert (done.status_code, "No recibirá más encuestas" in said(done)) == (200, True)
    (suppression,) = asking.all(Suppression)
    assert b"ana" not in suppression.address_hash
    # Whoever looks again is told so, and asked nothing; also by the link of another survey.
    asking.survey("otra")
    (other,) = asking.invite(ANA, slug="otra")
    for path in (f"/u/{token}", f"/u/{other}"):
        again = asking.client.get(path)
        assert (again.status_code, "<form" in again.text, "No recibirá más encuestas" in said(again)) == (
            200,
            False,
            True,
        )


def test_one_click_of_a_mail_program(asking: Asking) -> None:
    """RFC 8058: a POST without cookies, with a body of its own."""
    (token,) = asking.invite(ANA)
    body = {"List-Unsubscribe": "One-Click"}
    assert asking.client.post(f"/u/{token}", data=body).status_code == 200
    assert asking.client.post(f"/u/{token}", data=body, content_type="multipart/form-data").status_code == 200
    assert len(asking.all(Suppression)) == 1


def test_whoever_left_may_still_answer(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    asking.client.post(f"/u/{token}")
    assert asking.tap(f"/s/{token}", 5).status_code == 303


def test_pages_are_private_and_not_listed(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    for path in (f"/s/{token}", f"/u/{token}", "/s/nps", "/s/nothing"):
        answer = asking.client.get(path)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "private" in answer.headers["Cache-Control"]
        assert "noindex" in answer.text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", answer.text)


def test_too_many_at_once(make_desk: Callable[..., Any], clock: Any) -> None:
    desk = make_desk(form_rate="2/minute")
    asking = Asking(desk.runtime, clock, desk.app.test_client())
    asking.survey()
    asking.tap("/s/nps", 1)
    asking.tap("/s/nps", 2)
    answer = asking.tap("/s/nps", 3)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "3" in re.findall(r'value="(\d+)">[^<]*\s3<', answer.text)

"""Done when: a detractor through each of the four doors, over the real protocols, in three languages; every one of
them becomes a case with owner, clock and promise, is answered in its own channel, and `voc verify` finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from sqlalchemy import select

from tests.doors.mail.conftest import certificate, dovecot  # noqa: F401  (fixtures)
from tests.doors.mail.mail_server import PASSWORD, Dovecot, Inbox, MailServer
from tests.doors.mastodon_server import MastodonServer, mastodon_server
from tests.doors.mastodon_world import TOKEN
from voc.core.vocabulary import MessageState, ObligationState, Via
from voc.db import Database
from voc.model import Case, Channel, Feedback, Invitation, Message, Obligation

pytestmark = pytest.mark.slow

COMPLAINTS = {
    "es": "El pedido llegó roto y nadie contesta el teléfono. Voy a reclamar a Indecopi.",
    "pt": "O pedido chegou quebrado e ninguém atende o telefone. Vou ao Procon.",
    "en": "The order arrived broken and nobody answers the phone. I will call my lawyer.",
}
ANSWERS = {
    "es": "Lo sentimos mucho: mañana le llevamos uno nuevo.",
    "pt": "Sentimos muito: amanhã levamos um novo.",
    "en": "We are very sorry: we bring you a new one tomorrow.",
}
DOORS = ("webform", "email", "survey", "mastodon")


@dataclass
class Outside:
    """The world around the house: a mailbox, a mail server, a social network, and a browser."""

    house: Any
    imap: Dovecot
    inbox: Inbox
    smtp: MailServer
    social: MastodonServer

    @property
    def url(self) -> str:
        """Where the house answers."""
        return f"http://127.0.0.1:{self.house.port}"

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What the mail server took for somebody."""
        mails = [message_from_bytes(raw, policy=policy.default) for raw in self.inbox.mails]
        return [mail for mail in mails if address in str(mail["To"])]


@pytest.fixture
def outside(house: Any, dovecot: Dovecot) -> Iterator[Outside]:  # noqa: F811
    inbox = Inbox()
    smtp = MailServer(inbox)
    smtp.start()
    with mastodon_server() as social:
        yield Outside(house, dovecot, inbox, smtp, social)
    smtp.stop()


def command(house: Any, *arguments: str) -> str:
    done = house.voc(*arguments)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def open_doors(outside: Outside, tmp_path: Path) -> None:
    """Configure mailbox, survey and social account by the commands, invite, and start the server."""
    # As an operator would: one file that server and commands read.
    settings = {
        "VOC_MAIL_FROM": "Aurora <hola@aurora.example>", "VOC_SMTP_HOST": "127.0.0.1",
        "VOC_SMTP_PORT": outside.smtp.port, "VOC_PRIVATE_ADDRESSES": "127.0.0.0/8",
        "VOC_SURVEY_HOURS": "00:00-24:00", "VOC_FORM_MIN_SECONDS": 0,
    }  # fmt: skip
    written = "".join(f"{name}={value}\n" for name, value in settings.items())
    (outside.house.settings.instance / "settings.env").write_text(written)
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    mail = {
        "imap_host": "127.0.0.1", "imap_port": outside.imap.port, "imap_security": "plain", "imap_user": "ayuda",
        "imap_password": f"@{secret}", "smtp_host": "127.0.0.1", "smtp_port": outside.smtp.port,
        "smtp_security": "plain", "from_address": "ayuda@aurora.example", "from_name": "Aurora", "poll_seconds": 1,
    }  # fmt: skip
    token = tmp_path / "token"
    token.write_text(TOKEN)
    social = {"base_url": outside.social.url, "access_token": f"@{token}", "start_days": 10_000, "poll_seconds": 1}
    for kind, name, options in (
        ("email", "correo", mail),
        ("mastodon", "social", social),
        ("survey", "entrega", {"metric": "nps"}),
    ):
        given = [part for key, value in options.items() for part in ("--option", f"{key}={value}")]
        command(outside.house, "channel", "add", kind, name, *given)
    people = tmp_path / "people.csv"
    rows = [f"survey.{language}@customer.example,Ana,{language}" for language in COMPLAINTS]
    people.write_text("\n".join(["email,name,language", *rows]) + "\n")
    command(outside.house, "survey", "invite", "entrega", str(people))
    outside.house.start()


def fields(page: str, action: str) -> dict[str, str]:
    """What the form with this action sends when nobody types anything."""
    forms = page.split("<form")[1:]
    # A form without an action goes back to where it came from.
    form = next((part for part in forms if f'action="{action}"' in part.split(">")[0]), forms[0])
    inputs = re.findall(r"<input[^>]*>", form.split("</form>")[0])
    found = {}
    for item in inputs:
        attributes = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', item)}
        if attributes.get("name") and attributes.get("type", "text") in ("hidden", "text"):
            found[attributes["name"]] = attributes.get("value", "")
    return found


def complain_on_the_form(outside: Outside, language: str) -> None:
    customer = requests.Session()
    path = f"/f/feedback?lang={language}"
    page = customer.get(outside.url + path).text
    action = re.search(r'<form[^>]*method="post"[^>]*action="(/f/[^"]*)"', page)
    assert action is not None, page
    typed = {"text": COMPLAINTS[language], "email": f"form.{language}@customer.example"}
    target = unescape(action[1])
    answer = customer.post(urljoin(outside.url, target), data={**fields(page, action[1]), **typed})
    assert answer.status_code == 200, answer.text
    assert "/thanks" in answer.url or "/t/" in answer.url or answer.history, answer.url


def complain_by_mail(outside: Outside, language: str) -> None:
    mail = EmailMessage()
    mail["From"] = f"Ana <mail.{language}@customer.example>"
    mail["To"] = "ayuda@aurora.example"
    mail["Subject"] = {"es": "Mi pedido", "pt": "Meu pedido", "en": "My order"}[language]
    mail["Message-ID"] = f"<first-{language}@customer.example>"
    mail["Date"] = "Wed, 04 Mar 2026 10:00:00 -0500"
    mail.set_content(COMPLAINTS[language])
    outside.imap.put("ayuda", mail.as_bytes(policy=policy.SMTP))


def complain_in_public(outside: Outside, language: str) -> None:
    outside.social.world.mention(COMPLAINTS[language], by=f"ana_{language}@far.example", language=language)


def complain_in_the_survey(outside: Outside, language: str, until: Callable[..., None]) -> None:
    """The link comes out of the real invitation mail."""
    address = f"survey.{language}@customer.example"
    until(lambda: bool(outside.mails_to(address)), f"{address} is invited", patience=90)
    body = outside.mails_to(address)[0].get_body(("plain",))
    assert body is not None
    link = re.search(r"https?://[^\s/]+(/s/[\w.~-]+)", body.get_content())
    assert link is not None
    customer = requests.Session()
    page = customer.get(outside.url + link[1] + "?score=0").text
    ticket = re.search(r'name="_ticket" value="([^"]+)"', page)
    assert ticket is not None, page
    why = customer.post(outside.url + link[1], data={"_ticket": unescape(ticket[1]), "score": "0"})
    assert why.status_code == 200, why.text
    thanks = customer.post(why.url, data={"text": COMPLAINTS[language]})
    assert thanks.status_code == 200, thanks.text


class Agent:
    """Somebody who answers, in a browser without JavaScript."""

    def __init__(self, outside: Outside) -> None:
        self.url = outside.url
        self.session = requests.Session()
        text = command(outside.house, "user", "add", "eva@aurora.example", "--role", "agent", "--name", "Eva")
        path = re.search(r"(/welcome/\S+)", text)
        assert path is not None, text
        page = self.session.get(self.url + path[1]).text
        answer = self.session.post(self.url + path[1], data=fields(page, path[1]))
        assert "/welcome" not in answer.url, answer.text

    def answer(self, case_id: Any, text: str) -> None:
        """Open the case and send the answer."""
        page = self.session.get(f"{self.url}/cases/{case_id}")
        assert page.status_code == 200
        action = f"/cases/{case_id}/say"
        typed = {"kind": "answer", "text": text}
        answer = self.session.post(self.url + action, data={**fields(page.text, action), **typed})
        assert answer.status_code == 200, answer.text
        assert text in unescape(answer.text)


def cases_by_door(database: Database) -> dict[tuple[str, str], Case]:
    """Cases by kind of channel and language of what was said."""
    with database.reading() as session:
        rows = session.execute(
            select(Case, Channel.kind, Feedback.text)
            .join(Feedback, Feedback.id == Case.headline_id)
            .join(Channel, Channel.id == Feedback.channel_id)
        )
        languages = {text: language for language, text in COMPLAINTS.items()}
        return {(kind, languages[text]): case for case, kind, text in rows if text in languages}


def everything(database: Database, model: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(model)))


def test_four_doors_three_languages(outside: Outside, tmp_path: Path, until: Callable[..., None]) -> None:
    house, languages = outside.house, tuple(COMPLAINTS)
    open_doors(outside, tmp_path)
    for language in languages:
        complain_on_the_form(outside, language)
        complain_by_mail(outside, language)
        complain_in_public(outside, language)
        complain_in_the_survey(outside, language, until)
    database = Database(house.settings.url)
    try:
        until(lambda: len(cases_by_door(database)) == 12, "every complaint has its case", patience=90)
        cases = cases_by_door(database)
        assert set(cases) == {(door, language) for door in DOORS for language in languages}
        assert all(case.team_id and case.next_due_at for case in cases.values())
        promised = {item.case_id for item in everything(database, Obligation)}
        assert promised == {case.id for case in cases.values()}
        agent = Agent(outside)
        for (_, language), case in cases.items():
            agent.answer(case.id, ANSWERS[language])
        sent = MessageState.SENT
        until(
            lambda: sum(item.state is sent for item in everything(database, Message)) == 12, "every answer is sent",
            patience=90,
        )  # fmt: skip
        until(
            lambda: all(item.state is ObligationState.MET for item in everything(database, Obligation)),
            "every promise is met",
        )
        ways = {(item.via, item.case_id) for item in everything(database, Message)}
        expected = {"webform": Via.EMAIL, "survey": Via.EMAIL, "email": Via.CHANNEL, "mastodon": Via.CHANNEL}
        assert ways == {(expected[door], case.id) for (door, _), case in cases.items()}
        assert all(case.owner_id for case in cases_by_door(database).values())
        assert all(item.receipt_id for item in everything(database, Invitation))
    finally:
        database.close()
    arrived_in_their_own_channel(outside, languages)
    proof = house.voc("verify")
    assert proof.returncode == 0, proof.stdout


def arrived_in_their_own_channel(outside: Outside, languages: tuple[str, ...]) -> None:
    """What customers see: a mail in their thread, a reply under their words."""
    for language in languages:
        for door in ("form", "survey"):
            answers = [
                mail for mail in outside.mails_to(f"{door}.{language}@customer.example")
                if ANSWERS[language] in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            ]  # fmt: skip
            assert len(answers) == 1
        (reply,) = outside.mails_to(f"mail.{language}@customer.example")
        assert reply["In-Reply-To"] == f"<first-{language}@customer.example>"
        assert "ayuda@aurora.example" in str(reply["From"])
        assert str(reply["Subject"]).startswith("Re: ")
    world = outside.social.world
    own = [item for item in world.statuses.values() if item["account"]["acct"] == "aurora"]
    assert len(own) == len(languages)
    assert {item["in_reply_to_id"] for item in own} <= {item["status"]["id"] for item in world.notifications}

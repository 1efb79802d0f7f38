"""kill -9 while invitations are mailed: nobody gets two different mails, nobody is skipped."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.controllers import MailServer
from voc.core.settings import Settings
from voc.core.vocabulary import InvitationState
from voc.db import Database
from voc.intake.channels import add_channel
from voc.jobs.engine import Engine
from voc.model import Invitation
from voc.runtime.instance import open_instance
from voc.surveys.inviting import invite
from voc.surveys.people import Person

pytestmark = pytest.mark.slow

PEOPLE = 60
# What is different in the mail of a repeat although it is the same mail.
PASSING = {"Date", "X-Peer", "X-MailFrom", "X-RcptTo"}


@dataclass
class Post:
    """Takes its time, so that many a kill falls between the mail and its 250."""

    mails: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails[envelope.rcpt_tos[0]].append(mail)
        await asyncio.sleep(0.03)
        return "250 taken"

    def different(self, address: str) -> int:
        """How many different mails somebody got."""
        seen = set()
        for mail in self.mails[address]:
            headers = sorted((name, value) for name, value in mail.items() if name not in PASSING)
            seen.add((tuple(headers), *(part.get_content() for part in mail.iter_parts())))
        return len(seen)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[MailServer]:
    controller = MailServer(post, hostname="127.0.0.1", port=0)
    controller.start()
    yield controller
    controller.stop()


def invited(settings: Settings) -> list[str]:
    """A survey, and everybody planned; nothing is mailed yet."""
    wanted = replace(settings, mail_from="Aurora <ayuda@aurora.example>")
    people = [Person(f"p{number}@correo.example", f"Persona {number}") for number in range(PEOPLE)]
    with closing(open_instance(wanted, create=False)) as runtime:
        with runtime.db.writing() as session:
            channel = add_channel(
                session, runtime.host, kind="survey", name="NPS", slug="nps", options={}, now=runtime.clock()
            ).id
        Engine(runtime, worker="before").drain("flow")
        with runtime.db.writing() as session:
            invite(session, runtime.keys, wanted, channel_id=channel, people=people, now=runtime.clock())
    return [person.email for person in people]


def sent(house: Any) -> int:
    db = Database(house.settings.url)
    try:
        with db.reading() as session:
            done = Invitation.state == InvitationState.SENT
            return session.scalar(select(func.count(Invitation.id)).where(done)) or 0
    finally:
        db.close()


@pytest.mark.parametrize("victim", ["worker", "both"])
def test_killed_while_asking(
    house: Any, post: Post, server: MailServer, until: Callable[..., None], victim: str
) -> None:
    wanted = invited(house.settings)
    mail = {
        "VOC_MAIL_FROM": "Aurora <ayuda@aurora.example>",
        "VOC_SMTP_HOST": "127.0.0.1",
        "VOC_SMTP_PORT": str(server.port),
        "VOC_SURVEY_HOURS": "00:00-24:00",
    }
    # Always the same address, so that the links stay the same.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    house.start("--port", port, **mail)
    dice, kills = random.Random(victim), 0
    for _ in range(4):
        before = len(post.mails)
        until(lambda before=before: len(post.mails) > min(before + 5, PEOPLE - 1), "some mails")  # type: ignore[misc]
        time.sleep(dice.random() * 0.1)
        house.kill_worker()
        kills += 1
        if victim == "both":
            house.kill_web()
            assert not house.left(10), "an orphan lived on"
            house.start("--port", port, **mail)
    until(lambda: sent(house) == PEOPLE, "everybody to be asked", 90)
    assert set(post.mails) == set(wanted), "skipped"
    assert {address: post.different(address) for address in wanted if post.different(address) != 1} == {}
    repeats = sum(len(mails) - 1 for mails in post.mails.values())
    assert repeats <= kills, "more repeats than unknown outcomes"
    proof = house.voc("verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert house.terminate() < 10

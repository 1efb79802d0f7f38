"""`voc mail receive`: a mail server's pipe. Stored before 0 is said, and never sent back for a mistake of ours."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.conftest import SetClock, worker_of
from voc.cli import cli, mail
from voc.core.settings import Settings
from voc.core.vocabulary import Door, ReceiptState
from voc.intake import writer
from voc.intake.channels import add_channel, set_active
from voc.model import Case, Feedback, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security.access import SYSTEM

LETTER = (
    b"From: Ana <ana@example.pe>\nSubject: Mi pedido\nMessage-ID: <uno@example.pe>\n\n"
    b"Esto es una estafa, nadie contesta y los voy a denunciar.\n"
)

Receive = Callable[..., Result]


@pytest.fixture
def house(settings: Settings, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """A house with a mailbox `ayuda`, which the commands of this test find as well."""
    monkeypatch.setenv("VOC_INSTANCE", str(settings.instance))
    if settings.database_url:
        monkeypatch.setenv("VOC_DATABASE_URL", settings.database_url)
    runtime = open_instance(settings, create=False, clock=clock)
    with runtime.db.writing() as session:
        add_channel(
            session, runtime.host, kind="email", name="Ayuda a clientes", slug="ayuda",
            options={"from_address": "ayuda@aurora.example"}, now=clock(), keys=runtime.keys,
        )  # fmt: skip
    yield runtime
    runtime.close()


@pytest.fixture
def receive(house: Runtime) -> Receive:
    """Bring one mail."""

    def run(body: bytes = LETTER, channel: str = "ayuda") -> Result:
        return CliRunner().invoke(cli, ["mail", "receive", "--channel", channel], input=body)

    return run


def rows(house: Runtime, model: Any) -> list[Any]:
    with house.db.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_a_mail_is_stored_and_becomes_a_case(house: Runtime, receive: Receive, clock: SetClock) -> None:
    done = receive()
    assert (done.exit_code, done.output) == (0, "")
    (receipt,) = rows(house, Receipt)
    assert (receipt.door, receipt.content_type, receipt.body) == (Door.PIPE, "message/rfc822", LETTER)
    assert receipt.state is ReceiptState.STORED
    # The command has the real clock.
    clock.at = receipt.received_at
    worker_of(house)()
    (feedback,) = rows(house, Feedback)
    assert feedback.text.startswith("Esto es una estafa")
    assert len(rows(house, Case)) == 1


def test_brought_again_it_is_the_same(house: Runtime, receive: Receive) -> None:
    for _ in range(3):
        assert receive().exit_code == 0
    assert receive(channel="Ayuda a clientes").exit_code == 0
    assert len(rows(house, Receipt)) == 1


def test_our_mistakes_send_nothing_back(house: Runtime, receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    done = receive(channel="ayudo")
    assert (done.exit_code, done.output) == (75, "voc: there is no channel ayudo\n")
    form = receive(channel="feedback")
    assert (form.exit_code, form.output) == (75, "voc: channel feedback is of kind webform, which takes no mail\n")
    for typed in (["--chanel", "ayuda"], [], ["--channel"]):
        assert CliRunner().invoke(cli, ["mail", "receive", *typed], input=LETTER).exit_code == 75
    assert CliRunner().invoke(cli, ["mail", "recieve", "--channel", "ayuda"], input=LETTER).exit_code == 75
    (channel_id,) = {item.channel_id for item in rows(house, Receipt)} or {_id(house)}
    with house.db.writing() as session:
        set_active(session, channel_id, active=False, now=house.clock(), actor=SYSTEM)
    assert (receive().exit_code, receive().output) == (75, "voc: channel ayuda is switched off\n")
    monkeypatch.setattr("voc.intake.arrive.arrive", _fails)
    with house.db.writing() as session:
        set_active(session, channel_id, active=True, now=house.clock(), actor=SYSTEM)
    assert (receive().exit_code, receive().output) == (75, "voc: No space left on device\n")
    assert rows(house, Receipt) == []


def _id(house: Runtime) -> Any:
    from voc.intake import queries

    with house.db.reading() as session:
        channel = queries.channel_by_slug(session, "ayuda")
    assert channel is not None
    return channel.id


def _fails(*_: Any, **__: Any) -> None:
    raise OSError("No space left on device")


def test_what_is_no_mail_goes_back(receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    assert receive(b"").exit_code == 65
    assert receive(b"\n\n").exit_code == 65
    monkeypatch.setattr(mail, "LARGEST", 100)
    done = receive()
    assert (done.exit_code, done.output) == (65, "voc: this mail has more than 100 bytes\n")


def test_a_house_that_was_never_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_INSTANCE", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(cli, ["mail", "receive", "--channel", "ayuda"], input=LETTER)
    assert done.exit_code == 75
    monkeypatch.setenv("VOC_PORT", "nonsense")
    assert CliRunner().invoke(cli, ["mail", "receive", "--channel", "ayuda"], input=LETTER).exit_code == 75


@pytest.mark.slow
def test_a_busy_database_is_for_later(
    sqlite_settings: Settings, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    monkeypatch.setattr(writer, "WAIT", 0.5)
    runtime = open_instance(sqlite_settings, create=False, clock=clock)
    with runtime.db.writing() as session:
        add_channel(session, runtime.host, kind="email", name="A", slug="ayuda", options={}, now=clock())
    runtime.close()
    holder = sqlite3.connect(sqlite_settings.instance / "voc.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    arguments = ["mail", "receive", "--channel", "ayuda"]
    assert CliRunner().invoke(cli, arguments, input=LETTER).exit_code == 75
    holder.rollback()
    holder.close()
    assert CliRunner().invoke(cli, arguments, input=LETTER).exit_code == 0


def test_as_a_mail_server_would(house: Runtime) -> None:
    """In a process of its own, with bytes that are no text."""
    done = subprocess.run(
        [sys.executable, "-m", "voc", "mail", "receive", "--channel", "ayuda"],
        input=LETTER + b"\xff\x00\xfe\n",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert rows(house, Receipt)[0].body == LETTER + b"\xff\x00\xfe\n"


@pytest.mark.slow
def test_a_huge_mail_is_kept_and_waits_with_its_reason(house: Runtime, receive: Receive, clock: SetClock) -> None:
    huge = LETTER + b"x" * 45_000_000
    assert receive(huge).exit_code == 0
    assert receive().exit_code == 0
    clock.at = rows(house, Receipt)[-1].received_at
    worker_of(house)()
    first, second = rows(house, Receipt)
    assert (first.state, first.body) == (ReceiptState.QUARANTINED, huge)
    assert "more than 41,943,040 are taken apart" in (first.reason or "")
    assert second.state is ReceiptState.READ

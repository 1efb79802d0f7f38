"""A real browser before a real house: `voc serve` with its worker, a mail server on loopback, Debian's Chromium."""

from __future__ import annotations

import json
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from tests.conftest import missing
from tests.system.conftest import House
from voc.core.settings import Settings, load
from voc.core.vocabulary import RoleName
from voc.db import Database
from voc.model import Receipt
from voc.security import users

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from tests.browser.screen import Screen

SENDER = "Aurora <ayuda@aurora.example>"


class Mailbox:
    """A mail server's handler that keeps what it takes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


def _said(body: bytes) -> str | None:
    """The words of a form in this receipt; None when it holds something else."""
    with suppress(ValueError, KeyError, TypeError):
        found: str | None = json.loads(body)["values"]["text"]
        return found
    return None


class Shop(House):
    """A house whose mails arrive somewhere and whose links lead back to it."""

    def __init__(self, settings: Settings, folder: Path, mail_port: int) -> None:
        super().__init__(settings, folder)
        self.mailbox = Mailbox()
        self.wanted = free_port()
        self.address = f"http://127.0.0.1:{self.wanted}"
        self.mail_port = mail_port

    @property
    def environment(self) -> dict[str, str]:
        return {
            **super().environment,
            "VOC_BASE_URL": self.address,
            "VOC_MAIL_FROM": SENDER,
            "VOC_SMTP_HOST": "127.0.0.1",
            "VOC_SMTP_PORT": str(self.mail_port),
            "VOC_FORM_MIN_SECONDS": "0",
            "VOC_FORM_RATE": "1000/minute",
            "VOC_SIGNIN_RATE": "1000/minute",
            "VOC_SURVEY_HOURS": "00:00-24:00",
        }

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The database of the served house, seen from outside."""
        found = Database(self.settings.url, pool_size=1)
        try:
            yield found
        finally:
            found.close()

    def receipts(self, words: str) -> list[str]:
        """The tracking codes of what was stored durably and says exactly `words`."""
        with self.database() as database, database.reading() as session:
            stored = session.execute(select(Receipt.tracking_code, Receipt.body).order_by(Receipt.id)).all()
        return [code or "" for code, body in stored if body and _said(body) == words]

    def hire(self, email: str, *, role: str = "agent", language: str = "es", name: str = "") -> str:
        """Add somebody; the one-time sign-in link that the command prints."""
        named = ["--name", name] if name else []
        done = self.voc("user", "add", email, "--role", role, "--language", language, *named)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def link(self, name: str, *, role: RoleName = RoleName.AGENT, language: str = "es") -> str:
        """The same for somebody called `name`, without a process of its own."""
        now = datetime.now(UTC)
        with self.database() as database, database.writing() as session:
            email = f"{uuid.uuid4().hex}@aurora.example"
            added = users.add(session, email=email, name=name, role=role, language=language, now=now)
            return f"{self.address}/welcome/{users.sign_in_link(session, added.id, now=now)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Chrome]]:
    """The browsers that were started so far; they are used again, as other people's."""
    try:
        import selenium  # noqa: F401
    except ImportError as error:
        missing("browser", str(error))
    from tests.browser.screen import CHROMEDRIVER, CHROMIUM

    for program in (CHROMIUM, CHROMEDRIVER):
        if not program.exists():
            missing("browser", f"there is no {program}")
    started: list[Chrome] = []
    yield started
    for driver in started:
        driver.quit()


@pytest.fixture(scope="session")
def shop(drivers: list[Chrome], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A served instance that sends mails to `shop.mailbox`; at the end nothing of it may be alive.

    It is started only where there is a browser.
    """
    from aiosmtpd.controller import Controller

    folder = tmp_path_factory.mktemp("shop")
    shutil.copytree(sqlite_template, folder / "instance")
    found = Shop(load({}, instance=folder / "instance"), folder, free_port())
    post = Controller(found.mailbox, hostname="127.0.0.1", port=found.mail_port)
    post.start()
    try:
        found.start("--port", str(found.wanted))
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.terminate()
        post.stop()
        assert not found.left(), "processes left behind"


@pytest.fixture
def browser(
    shop: Shop, drivers: list[Chrome], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Screen]:
    """Open a browser: `browser(PHONE, "es")`; each call of one test is another person's."""
    from tests.browser.screen import Screen, launch

    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("SE_OFFLINE", "true")
    used = 0

    def open_one(size: tuple[int, int], language: str, scheme: str = "light") -> Screen:
        nonlocal used
        used += 1
        if used > len(drivers):
            drivers.append(launch(tmp_path_factory.mktemp("profile")))
        return Screen(drivers[used - 1], shop.address).become(size, language, scheme)

    return open_one

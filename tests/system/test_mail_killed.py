"""kill -9 while mail comes by IMAP and by the pipe: what was accepted is there once, and no parsing child is left."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from tests.doors.mail.conftest import certificate, dovecot  # noqa: F401  (fixtures)
from tests.doors.mail.mail_server import PASSWORD, Dovecot
from tests.system.test_doors_killed import beside, killing
from voc.core.vocabulary import ReceiptState
from voc.intake.channels import add_channel
from voc.model import Feedback, Receipt

pytestmark = pytest.mark.slow

BY_IMAP = 80
BY_PIPE = 8


def letter(number: int) -> bytes:
    """A complaint of its own, long enough to be read for a moment."""
    return (
        f"From: Ana <ana{number}@example.pe>\r\nSubject: Reclamo {number}\r\nMessage-ID: <r{number}@example.pe>\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Pésimo {number}: nadie contesta.</p>{'<i>x</i>' * 3000}\r\n"
    ).encode()


def pipe(house: Any, number: int) -> None:
    """As a mail server brings a mail: again and again until it is taken."""
    for _ in range(40):
        done = subprocess.run(
            [sys.executable, "-m", "voc", "mail", "receive", "--channel", "correo"],
            input=letter(number), env=house.environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
        assert done.returncode == 75, done.stderr
        time.sleep(0.3)
    raise AssertionError(done.stderr)


def parsers_left() -> list[int]:
    """Parsing children that nobody owns any more."""
    found = []
    for process in psutil.process_iter(["cmdline", "ppid"]):
        if "voc.process.parsing.child" in " ".join(process.info["cmdline"] or ()) and process.info["ppid"] == 1:
            found.append(process.pid)
    return found


def test_mail_survives_any_death(
    sqlite_house: Any,
    dovecot: Dovecot,  # noqa: F811
    until: Callable[..., None],
) -> None:
    house = sqlite_house
    options = {
        "imap_host": "127.0.0.1", "imap_port": dovecot.port, "imap_security": "plain", "imap_user": "muerte",
        "imap_password": PASSWORD, "page_mails": 7, "poll_seconds": 1,
    }  # fmt: skip
    with beside(house) as runtime, runtime.db.writing() as session:
        given = {"kind": "email", "name": "Correo", "slug": "correo", "options": options, "now": runtime.clock()}
        add_channel(session, runtime.host, **given, keys=runtime.keys)
    house.settings.instance.joinpath("settings.env").write_text("VOC_PRIVATE_ADDRESSES=127.0.0.1/32\n")
    house.start()
    with killing(house, seed=3):
        for number in range(BY_PIPE):
            dovecot.put("muerte", *[letter(100 * number + more) for more in range(BY_IMAP // BY_PIPE)])
            pipe(house, 5000 + number)
    wanted = BY_IMAP + BY_PIPE
    with beside(house) as runtime:

        def count(model: Any, *conditions: Any) -> int:
            with runtime.db.reading() as session:
                return session.execute(select(func.count()).select_from(model).where(*conditions)).scalar_one()

        until(lambda: count(Feedback, Feedback.processed_at.is_not(None)) >= wanted, "every mail is read", patience=150)
        assert [count(Receipt), count(Feedback)] == [wanted, wanted]
        assert count(Receipt, Receipt.state != ReceiptState.READ) == 0
    house.terminate()
    until(lambda: parsers_left() == [], "no parsing child is left")

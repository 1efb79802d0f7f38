"""The parsers that plugins see: types of the contract, ValueError with words, and nothing left behind."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from voc.plugin import Attachment, MailAddress, Raw, View
from voc.plugin_host.parsers import HostParsers
from voc.process.limited import Limits

LETTER = (
    b"From: =?utf-8?q?Jos=C3=A9?= <jose@example.pe>\r\nTo: ayuda@aurora.example\r\nSubject: Hola\r\n"
    b"Message-ID: <uno@example.pe>\r\nIn-Reply-To: <a@b>\r\nDate: Tue, 3 Mar 2026 10:00:00 -0500\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nNo lleg\xc3\xb3.\r\n"
    b"--b\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\n--b--\r\n"
)


def test_a_mail_as_the_contract_says_it() -> None:
    parsers = HostParsers(size=1)
    mail = View(parsers=parsers).mail(Raw(LETTER, "message/rfc822", datetime.now(UTC)))
    parsers.close()
    assert mail.sender == MailAddress("José", "jose@example.pe")
    assert (mail.message_id, mail.in_reply_to, mail.subject) == ("uno@example.pe", ("a@b",), "Hola")
    assert mail.date == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert mail.visible == "No llegó."
    assert mail.attachments == (Attachment("x.png", "image/png", 3, b"\x89PN"),)
    assert (mail.reported, mail.report_action, mail.truncated) == ("", "", False)


def test_what_cannot_be_read_is_a_value_error() -> None:
    parsers = HostParsers(size=1)
    with pytest.raises(ValueError, match="this mail cannot be read: it is empty"):
        parsers.mail(b"")
    assert parsers.text_of_html("<p>uno<p>dos") == "uno\n\ndos"
    (child,) = parsers._reader._pool._idle
    pid = child.pid
    parsers.close()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_html_that_nobody_can_read_in_time_is_shown_as_it_stands() -> None:
    parsers = HostParsers(size=1, limits=Limits(wall=0.0))
    assert parsers.text_of_html("<p>uno  \x00 dos" + "x" * 20_000).startswith("<p>uno dosx")
    parsers.close()

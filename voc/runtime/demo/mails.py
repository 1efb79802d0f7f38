"""The mails of the demo, byte by byte as a mail server would hand them over. Pure: a voice gives the same mail always,
once it is known what we had answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from voc.runtime.demo.data import Voice

CONTENT_TYPE = "message/rfc822"
# The name by which the company's own mail server vouches for senders; an option of each mailbox.
SERVER = "mx.aurora.example"
# What the report says that came back, in the words in which a mailbox reads it.
CAME_BACK = "the mailbox is full (5.2.2)"
_ON_THE_WAY = timedelta(seconds=4)
_AUTOMATIC = ("auto_reply", "bounce")


def message_id(voice: Voice) -> str:
    """The Message-ID of a voice that is a mail, with its brackets."""
    mark = hashlib.sha256(voice.key.encode()).hexdigest()[:16]
    return f"<{mark}.{voice.key}@{_domain(voice)}>"


def raw_mail(voice: Voice, *, to: str, at: datetime, started_at: datetime, answers: Sequence[str] = ()) -> bytes:
    """The mail that arrives at `at` in the mailbox `to`.

    `answers`: Message-IDs of what it answers, oldest first; the last one is what a report is about.
    """
    mail = EmailMessage(policy=SMTP)
    if voice.robot in _AUTOMATIC:
        mail["Return-Path"] = "<>"
    mail["Received"] = f"from mail.{_domain(voice)} by {SERVER}; {format_datetime(at)}"
    if voice.customer is not None:
        mail["Authentication-Results"] = f"{SERVER}; dmarc=pass header.from={_domain(voice)}"
    mail["From"] = Address(voice.name or "", addr_spec=voice.email or "")
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = voice.subject or ""
    mail["Date"] = format_datetime(at - _ON_THE_WAY)
    mail["Message-ID"] = message_id(voice)
    if answers and voice.robot != "bounce":
        mail["In-Reply-To"] = answers[-1]
        mail["References"] = " ".join(answers)
    if voice.robot in _AUTOMATIC:
        mail["Auto-Submitted"] = "auto-replied"
    if voice.robot == "newsletter":
        mail["List-Id"] = f"<news.{_domain(voice)}>"
        mail["List-Unsubscribe"] = f"<https://{_domain(voice)}/leave>"
        mail["Precedence"] = "bulk"
    if voice.robot == "bounce":
        mail["MIME-Version"] = "1.0"
        mail["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{_boundary(voice)}"'
        mail.set_payload(_report(voice, to, answers[-1] if answers else ""))
    else:
        mail.set_content(voice.body(started_at), charset="utf-8", cte="quoted-printable")
    return mail.as_bytes(policy=SMTP)


def _report(voice: Voice, to: str, ours: str) -> str:
    """That our answer could not be delivered, in the standard's form (RFC 3464): words, status, copy of our header."""
    recipient = (voice.text or "").partition("<")[2].partition(">")[0]
    parts = (
        ("text/plain; charset=us-ascii", voice.text or ""),
        (
            "message/delivery-status",
            f"Reporting-MTA: dns; mx1.{_domain(voice)}\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\n"
            "Status: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\n",
        ),
        ("text/rfc822-headers", f"From: {to}\nTo: {recipient}\nMessage-ID: {ours}\n"),
    )
    line = f"--{_boundary(voice)}"
    return "".join(f"{line}\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts) + f"{line}--\n"


def _boundary(voice: Voice) -> str:
    return f"=_{voice.key}"


def _domain(voice: Voice) -> str:
    return (voice.email or "").rpartition("@")[2]

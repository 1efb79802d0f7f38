"""What servers report about our own mails: in the standard form, and in the words of those that know no standard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from voc_plugins.email.reading import failure

from voc.plugin import Delivery, Inbound, Robot

Read = Callable[..., Any]
OURS = "0192aabb@aurora.example"
ANA = ("ana@example.pe",)
ORIGINAL = f"From: ayuda@aurora.example\r\nTo: ana@example.pe\r\nSubject: Re: Mi pedido\r\nMessage-ID: <{OURS}>\r\n"


def report(
    action: str = "failed",
    status: str = "5.1.1",
    *,
    subject: str = "Undelivered Mail Returned to Sender",
    text: str = "I'm sorry to have to inform you that your message could not be delivered.",
    copied: str = "message/rfc822",
    sender: str = "MAILER-DAEMON@mx.example.pe",
) -> bytes:
    """A delivery status notification as of RFC 3464."""
    last = f"--b\r\nContent-Type: {copied}\r\n\r\n{ORIGINAL}\r\nHola Ana.\r\n" if copied else ""
    return (
        f"From: {sender}\r\nTo: ayuda@aurora.example\r\nSubject: {subject}\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.pe\r\nArrival-Date: Tue, 3 Mar 2026 10:00:00 -0500\r\n\r\n"
        f"Final-Recipient: rfc822; ana@example.pe\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user\r\n\r\n{last}--b--\r\n"
    ).encode()


@pytest.mark.parametrize("copied", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(
    ("status", "words"),
    [("5.1.1", "there is no such address (5.1.1)"), ("5.2.2", "the mailbox is full (5.2.2)"), ("5.9.9", "5.9.9")],
)
def test_a_standard_bounce(read_raw: Read, copied: str, status: str, words: str) -> None:
    assert read_raw(report(status=status, copied=copied)) == Delivery(f"<{OURS}>", "failed", words, ANA)


def test_a_bounce_without_copy_names_what_it_answers(read_raw: Read) -> None:
    raw = report(copied="").replace(b"MIME-Version", f"In-Reply-To: <{OURS}>\r\nMIME-Version".encode())
    assert read_raw(raw) == Delivery(f"<{OURS}>", "failed", "there is no such address (5.1.1)", ANA)
    assert isinstance(read_raw(report(copied="")), Robot)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("No se puede entregar: Re: Mi pedido", "El mensaje no se pudo entregar a ana@example.pe."),
        ("Não foi possível entregar: Re: Meu pedido", "Sua mensagem não foi entregue."),
        ("Delivery Status Notification (Failure)", "No se ha encontrado la dirección."),
    ],
)
def test_a_bounce_in_any_language(read_raw: Read, subject: str, text: str) -> None:
    encoded = report(subject=subject, text=text, sender="postmaster@example.pe")
    assert read_raw(encoded) == Delivery(f"<{OURS}>", "failed", "there is no such address (5.1.1)", ANA)


def test_what_is_no_failure_marks_nothing_failed(read_raw: Read) -> None:
    assert isinstance(read_raw(report("delayed", "4.4.1", subject="Delivery delayed")), Robot)
    assert isinstance(read_raw(report("relayed", "2.1.9")), Robot)
    assert read_raw(report("delivered", "2.1.5")) == Delivery(f"<{OURS}>", "delivered", recipients=ANA)


UNSTANDARDIZED = [
    # Exim
    (
        "Mail delivery failed: returning message to sender",
        "Mail Delivery System <Mailer-Daemon@host.example>",
        "X-Failed-Recipients: ana@example.pe\r\n",
        "A message that you sent could not be delivered.\r\n\r\n  ana@example.pe\r\n    550 5.1.1 unknown user\r\n\r\n"
        "------ This is a copy of the message, including all the headers. ------\r\n\r\n" + ORIGINAL + "\r\nHola",
        "there is no such address (5.1.1)",
    ),
    # qmail
    (
        "failure notice",
        "MAILER-DAEMON@host.example",
        "Return-Path: <>\r\n",
        "Hi. This is the qmail-send program.\r\n\r\n<ana@example.pe>:\r\nRemote host said: 552 mailbox full\r\n\r\n"
        "--- Below this line is a copy of the message.\r\n\r\n" + ORIGINAL + "\r\nHola",
        "5.0.0",
    ),
    # A server that speaks Spanish and quotes the header
    (
        "Correo no entregado",
        "postmaster@example.pe",
        "Return-Path: <>\r\n",
        "Su mensaje no se pudo entregar.\r\n\r\nCabeceras originales:\r\n> " + ORIGINAL.replace("\r\n", "\r\n> "),
        "",
    ),
    # One that speaks Portuguese and only answers our mail
    (
        "Falha na entrega da mensagem",
        "Mail Delivery <mailer-daemon@example.br>",
        f"In-Reply-To: <{OURS}>\r\n",
        "A mensagem para <ana@example.pe> não foi entregue: caixa postal cheia (5.2.2)",
        "the mailbox is full (5.2.2)",
    ),
]


@pytest.mark.parametrize(("subject", "sender", "more", "text", "words"), UNSTANDARDIZED)
def test_bounces_without_a_standard(
    read_raw: Read, subject: str, sender: str, more: str, text: str, words: str
) -> None:
    raw = f"{more}From: {sender}\r\nTo: ayuda@aurora.example\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()
    item = read_raw(raw)
    assert (item.sent_id, item.fate, item.reason) == (f"<{OURS}>", "failed", words)
    assert "ana@example.pe" in item.recipients


def test_a_bounce_that_does_not_say_for_whom_proves_nothing(read_raw: Read) -> None:
    raw = (
        "From: MAILER-DAEMON@host.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n"
        f"In-Reply-To: <{OURS}>\r\n\r\nMailbox full.\r\n"
    ).encode()
    item = read_raw(raw)
    assert isinstance(item, Robot)
    assert "does not say for whom" in item.reason
    nameless = report().replace(b"Final-Recipient: rfc822; ana@example.pe\r\n", b"")
    assert isinstance(read_raw(nameless), Robot)


def test_only_those_who_failed_are_named(read_raw: Read) -> None:
    following = b"\r\n\r\n--b\r\nContent-Type: m"
    other = b"\r\n\r\nFinal-Recipient: rfc822; luis@example.pe\r\nAction: delivered\r\nStatus: 2.0.0"
    first, last = report().rsplit(following, 1)
    assert read_raw(first + other + following + last).recipients == ANA


def test_a_warning_is_no_failure(read_raw: Read) -> None:
    raw = (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@h.example\r\nSubject: Warning: message delayed 24 hours\r\n\r\n"
        f"It has not yet been delivered, we will keep trying.\r\n\r\n{ORIGINAL}"
    ).encode()
    assert isinstance(read_raw(raw), Robot)


def test_a_person_may_write_about_a_returned_mail(read_raw: Read) -> None:
    raw = (
        "From: Ana <ana@example.pe>\r\nSubject: Correo devuelto\r\nMessage-ID: <a@b>\r\n\r\n"
        f"Su correo no me llega, me dice 550 5.1.1\r\nMessage-ID: <{OURS}>\r\n"
    ).encode()
    assert isinstance(read_raw(raw), Inbound)


def test_read_receipts(read_raw: Read) -> None:
    raw = (
        "From: Ana <ana@example.pe>\r\nSubject: Leído: Re: Mi pedido\r\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
        "--b\r\n\r\nSu mensaje fue leído.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822;ana@example.pe\r\nOriginal-Message-ID: <{OURS}>\r\n"
        "Disposition: manual-action/MDN-sent-manually; {what}\r\n\r\n--b--\r\n"
    )
    assert read_raw(raw.replace("{what}", "displayed").encode()) == Delivery(f"<{OURS}>", "read", recipients=ANA)
    assert isinstance(read_raw(raw.replace("{what}", "deleted").encode()), Robot)
    unknown = raw.replace("{what}", "displayed").replace(f"Original-Message-ID: <{OURS}>\r\n", "")
    assert isinstance(read_raw(unknown.encode()), Robot)


def test_complaints_of_providers_are_robots(read_raw: Read) -> None:
    raw = (
        "From: staff@mail.example\r\nSubject: complaint\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nabuse\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{ORIGINAL}\r\nHola\r\n--b--\r\n"
    ).encode()
    item = read_raw(raw)
    assert isinstance(item, Robot)
    assert "abuse" in item.reason


def test_failures_in_words() -> None:
    assert failure("5.1.1") == "there is no such address (5.1.1)"
    assert failure("4.2.2") == "the mailbox is full (4.2.2)"
    assert failure("") == ""

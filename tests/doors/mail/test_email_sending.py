"""Answers by SMTP: in their thread, said once, and an honest word about what became of them."""

from __future__ import annotations

import email
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from voc_plugins.email import Email, sending
from voc_plugins.email.composing import address, compose
from voc_plugins.email.sending import OutcomeUnknown

from tests.doors.mail.mail_server import Inbox, MailServer, free_port
from voc.plugin import Context, Misconfigured, Outbound, TryLater, Undeliverable

Make = Callable[..., Context]

REPLY_TO = {
    "to": "ana@example.pe",
    "subject": "Re: RV: ¿Dónde está mi pedido?",
    "message_id": "dos@example.pe",
    "references": ["uno@example.pe", "r1@aurora.example"],
}


def answer(text: str = "Hola Ana:\n\nYa salió.\n.\nSaludos", **changes: Any) -> Outbound:
    """An answer to Ana."""
    given: dict[str, Any] = {
        "message_id": "<r2@aurora.example>",
        "text": text,
        "reply_to": REPLY_TO,
        "subject": "Respuesta a su mensaje",
        "language": "es",
        "references": ("<r1@aurora.example>",),
    }
    return Outbound(**{**given, **changes})


def parsed(raw: bytes) -> EmailMessage:
    """As the customer's program reads it."""
    found = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def content(mail: EmailMessage) -> str:
    """Its text with one kind of line end."""
    return str(mail.get_content()).replace("\r\n", "\n")


@pytest.fixture
def sender(context: Make, smtp: MailServer) -> Context:
    """A channel that sends through `smtp`."""
    return context(smtp_host="127.0.0.1", smtp_port=smtp.port, smtp_security="plain", from_name="Aurora Perú")


def test_an_answer_stays_in_its_thread(sender: Context, taken: Inbox) -> None:
    sent = Email().send(sender, answer())
    assert sent.external_id == "<r2@aurora.example>"
    (raw,) = taken.mails
    mail = parsed(raw)
    assert mail["Subject"] == "Re: ¿Dónde está mi pedido?"
    assert mail["From"] == "Aurora Perú <ayuda@aurora.example>"
    assert mail["To"] == "ana@example.pe"
    assert mail["Message-ID"] == "<r2@aurora.example>"
    assert mail["In-Reply-To"] == "<dos@example.pe>"
    assert mail["References"].split() == ["<uno@example.pe>", "<r1@aurora.example>", "<dos@example.pe>"]
    assert mail["Auto-Submitted"] is None
    assert mail["Date"].datetime is not None
    assert content(mail) == "Hola Ana:\n\nYa salió.\n.\nSaludos\n"
    assert taken.recipients == ["ana@example.pe"]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_a_repeat_is_the_same_mail(sender: Context, taken: Inbox) -> None:
    taken.answers = ["vanish"]
    with pytest.raises(OutcomeUnknown, match="before the mail server said"):
        Email().send(sender, answer())
    Email().send(sender, answer())
    first, second = taken.mails
    assert first == second


@pytest.mark.parametrize(
    ("refusal", "error", "words"),
    [
        ("450 4.2.1 busy", TryLater, "just now"),
        ("550 5.1.1 <ana@example.pe> unknown", Undeliverable, "refused the address: 550"),
        ("554 5.7.1 Relay access denied", Misconfigured, "does not send for us"),
        ("530 5.7.0 Authentication required", Misconfigured, "does not send for us"),
    ],
)
def test_a_refused_recipient(sender: Context, taken: Inbox, refusal: str, error: type[Exception], words: str) -> None:
    taken.refused["ana@example.pe"] = refusal
    with pytest.raises(error, match=words) as caught:
        Email().send(sender, answer())
    assert "ana@" not in str(caught.value)
    assert taken.mails == []


@pytest.mark.parametrize(
    ("refusal", "error"),
    [("451 4.3.0 later", TryLater), ("554 5.7.1 spam", Undeliverable), ("552 5.3.4 too big", Undeliverable)],
)
def test_a_refused_mail(sender: Context, taken: Inbox, refusal: str, error: type[Exception]) -> None:
    taken.answers = [refusal]
    with pytest.raises(error):
        Email().send(sender, answer())
    assert taken.mails == []


HELLO, WELCOME, OK, GO = b"220 hi\r\n", b"250 pleased\r\n", b"250 ok\r\n", b"354 go\r\n"


@contextmanager
def scripted(*replies: bytes) -> Iterator[int]:
    """A server that says `replies` one by one, whatever it hears, and hangs up; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=_play, args=(listener, replies))
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=10)


def _play(listener: socket.socket, replies: tuple[bytes, ...]) -> None:
    connection, _ = listener.accept()
    connection.settimeout(10)
    with connection, connection.makefile("rb") as lines, suppress(OSError):
        for reply in replies:
            connection.sendall(reply)
            end = b".\r\n" if reply == GO else None
            while line := lines.readline():
                if end is None or line == end:
                    break


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([], TryLater),
        ([b"554 go away\r\n"], TryLater),
        ([HELLO], TryLater),
        ([HELLO, WELCOME], TryLater),
        ([HELLO, WELCOME, b"553 not as this\r\n"], Misconfigured),
        ([HELLO, WELCOME, OK], TryLater),
        ([HELLO, WELCOME, OK, OK], TryLater),
        ([HELLO, WELCOME, OK, OK, b"451 later\r\n"], TryLater),
        ([HELLO, WELCOME, OK, OK, b"554 no\r\n"], Undeliverable),
        ([HELLO, WELCOME, OK, OK, b"250 what\r\n"], TryLater),
        ([HELLO, WELCOME, OK, OK, GO], OutcomeUnknown),
        ([HELLO, WELCOME, OK, OK, GO, b"450 later\r\n"], TryLater),
    ],
)
def test_each_way_to_break_off_means_what_it_means(context: Make, replies: list[bytes], error: type[Exception]) -> None:
    with scripted(*replies) as port, pytest.raises(error):
        Email().send(context(smtp_host="127.0.0.1", smtp_port=port, smtp_security="plain"), answer())


# The server warns of what this test wants: signing in on loopback without encryption.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_signing_in(context: Make, taken: Inbox) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        right = isinstance(login, LoginPassword) and (login.login, login.password) == (b"ayuda", b"secreto")
        return AuthResult(success=right, handled=False)

    server = MailServer(taken, authenticator=check, auth_required=True, auth_require_tls=False)
    server.start()
    options = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "plain", "smtp_user": "ayuda"}
    try:
        Email().send(context(**options, smtp_password="secreto"), answer())
        for wrong in ("falsch", "contraseña"):
            with pytest.raises(Misconfigured) as caught:
                Email().send(context(**options, smtp_password=wrong), answer())
            assert wrong not in str(caught.value)
        with pytest.raises(Misconfigured):
            Email().send(context(**{**options, "smtp_user": ""}), answer())
    finally:
        server.stop()
    assert len(taken.mails) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted(
    context: Make, taken: Inbox, certificate: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(str(certificate))
    options = {"ssl_context": tls} if security == "tls" else {"tls_context": tls, "require_starttls": True}
    server = MailServer(taken, **options) if security == "starttls" else _tls_server(taken, tls)
    server.start()
    try:
        Email().send(context(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security=security), answer())
    finally:
        server.stop()
    assert len(taken.mails) == 1


def _tls_server(taken: Inbox, tls: ssl.SSLContext) -> MailServer:
    return MailServer(taken, ssl_context=tls)


def test_nobody_there_and_nothing_set(context: Make) -> None:
    with pytest.raises(TryLater, match="nothing listens"):
        Email().send(context(smtp_host="127.0.0.1", smtp_port=free_port(), smtp_security="plain"), answer())
    with pytest.raises(Misconfigured, match="no smtp_host"):
        Email().send(context(), answer())
    with pytest.raises(Misconfigured, match="from_address"):
        Email().send(context(from_address="nobody"), answer())


def test_a_server_that_says_nothing_is_left(context: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WHOLE", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        with pytest.raises(TryLater):
            Email().send(
                context(smtp_host="127.0.0.1", smtp_port=listener.getsockname()[1], smtp_security="plain"), answer()
            )
        assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "recipient", ["", "ana", "a@b@c", "ana@example.pe\r\nRCPT TO:<x@y.pe>", "<a@b.pe>", "a b@c.pe", None]
)
def test_only_addresses_are_written_to(sender: Context, taken: Inbox, recipient: Any) -> None:
    with pytest.raises(Undeliverable):
        Email().send(sender, answer(reply_to={**REPLY_TO, "to": recipient}))
    assert taken.mails == []


def test_addresses_outside_ascii(sender: Context, taken: Inbox, context: Make) -> None:
    Email().send(sender, answer(reply_to={**REPLY_TO, "to": "josé@correo.españa"}))
    assert taken.recipients == ["josé@correo.xn--espaa-rta"]
    assert b"To: jos\xc3\xa9@correo.xn--espaa-rta\r\n" in taken.mails[0]
    plain = Inbox()
    server = MailServer(plain, enable_SMTPUTF8=False)
    server.start()
    try:
        channel = context(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="plain")
        with pytest.raises(Undeliverable, match="outside ASCII"):
            Email().send(channel, answer(reply_to={**REPLY_TO, "to": "josé@example.pe"}))
        Email().send(channel, answer(reply_to={**REPLY_TO, "to": "jose@españa.example"}))
    finally:
        server.stop()
    assert plain.recipients == ["jose@xn--espaa-rta.example"]


@pytest.mark.parametrize(
    "smuggled",
    ["x\r\nBcc: eva@example.org", "x\nBcc: eva@example.org", "x\u2028Bcc: e", "x\x00y", "=?utf-8?q?a=0ABcc:_e?="],
)
def test_nothing_can_be_smuggled_into_the_header(sender: Context, taken: Inbox, smuggled: str) -> None:
    reply_to = {
        "to": "ana@example.pe",
        "subject": smuggled,
        "message_id": f"a@b{smuggled}",
        "references": [smuggled, f"<{smuggled}>", 7, None],
    }
    Email().send(sender, answer(reply_to=reply_to, subject=smuggled))
    mail = parsed(taken.mails[0])
    assert mail["Bcc"] is None
    assert set(mail.keys()) <= {
        *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"),
        *("Content-Transfer-Encoding", "X-Peer", "X-MailFrom", "X-RcptTo"),
    }


def test_a_very_long_thread_is_shortened_in_the_middle(context: Make, now: Any) -> None:
    known = [f"m{number}@example.pe" for number in range(500)]
    raw, _, _ = compose(context().options, answer(reply_to={**REPLY_TO, "references": known}), now=now())
    references = parsed(raw)["References"].split()
    assert len(references) == 20
    assert references[0] == "<m0@example.pe>"
    assert references[-1] == "<dos@example.pe>"


def test_subjects_of_all_kinds(context: Make, now: Any) -> None:
    def subject(theirs: str, ours: str = "Respuesta a su mensaje") -> str:
        message = answer(reply_to={**REPLY_TO, "subject": theirs}, subject=ours)
        return str(parsed(compose(context().options, message, now=now())[0])["Subject"])

    assert subject("Mi pedido") == "Re: Mi pedido"
    assert subject("RES: Re: ENC: Meu pedido") == "Re: Meu pedido"
    assert subject("") == "Respuesta a su mensaje"
    assert subject("¿" * 400) == f"Re: {'¿' * 296}"
    assert subject("😀 roto") == "Re: 😀 roto"


def test_lone_surrogates_and_long_lines_are_sent(sender: Context, taken: Inbox) -> None:
    Email().send(sender, answer("a\ud800b\r\n" + "ñ" * 5000 + "\n..\nfin"))
    assert content(parsed(taken.mails[0])) == "a?b\n" + "ñ" * 5000 + "\n..\nfin\n"
    assert all(len(line) <= 78 for line in taken.mails[0].split(b"\r\n"))


def test_addresses() -> None:
    assert address(" ana@Example.PE ") == "ana@Example.PE"
    assert address("ana@españa.example") == "ana@xn--espaa-rta.example"
    assert [address(text) for text in ("a@", "@b", "a@-", "a" * 65 + "@b.pe", "\ud800@b.pe")] == [None] * 5


def test_the_check_speaks_of_both(context: Make, mailbox: Any, smtp: MailServer) -> None:
    mailbox(b"Subject: x\r\n\r\nhola")
    options = {"smtp_host": "127.0.0.1", "smtp_port": smtp.port, "smtp_security": "plain"}
    health = Email().check(context(**options))
    assert (health.state, health.text) == (
        "ok",
        "the mailbox at 127.0.0.1 can be read: 1 mails · 127.0.0.1 takes our answers",
    )
    health = Email().check(context(**options, imap_password="falsch"))
    assert health.state == "failing"
    assert "refused user name or password" in health.text
    assert Email().check(context()).state == "warning"
    assert Email().check(context(**{**options, "smtp_port": free_port()})).state == "failing"
    assert Email().check(context(**options, imap_host="")).state == "ok"
    assert Email().check(context(**options, from_address="")).state == "failing"

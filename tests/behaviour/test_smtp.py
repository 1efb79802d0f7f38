"""The mail client against servers that are strict, broken, slow or not who they say they are; all on loopback."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.controllers import MailServer
from voc.core.errors import Permanent, Temporary
from voc.net.smtp import Reason, SmtpServer, Unreachable, mailbox

HELLO, WELCOME, OK, GO = b"220 hi\r\n", b"250 pleased\r\n", b"250 ok\r\n", b"354 go\r\n"
MAIL = b"Subject: x\n\n.\nline\rbare\n"


def mail_server(port: int, **changes: Any) -> SmtpServer:
    return SmtpServer(**({"host": "127.0.0.1", "port": port, "timeout": 5.0} | changes))


def send(server: SmtpServer, recipient: str = "ana@example.pe", message: EmailMessage | bytes = MAIL) -> None:
    server.send(message, sender="ayuda@aurora.example", recipient=recipient)


@contextmanager
def scripted(*replies: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that says `replies` one by one, whatever it hears, and hangs up; yields (port, what it heard)."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=_play, args=(listener, replies, heard))
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(timeout=10)
    assert not thread.is_alive()


def _play(listener: socket.socket, replies: tuple[bytes, ...], heard: list[bytes]) -> None:
    connection, _ = listener.accept()
    connection.settimeout(10)
    with connection, connection.makefile("rb") as lines, suppress(OSError):
        for reply in replies:
            connection.sendall(reply)
            end = b".\r\n" if reply == GO else None
            while line := lines.readline():
                heard.append(line)
                if end is None or line == end:
                    break


def test_a_taken_mail_is_on_the_wire_as_it_must_be() -> None:
    with scripted(HELLO, b"250-hi\r\n250 SIZE 1000000\r\n", OK, OK, GO, OK, b"221 bye\r\n") as (port, heard):
        send(mail_server(port))
    assert heard[1].startswith(b"mail FROM:<ayuda@aurora.example> size=")
    assert heard[2] == b"rcpt TO:<ana@example.pe>\r\n"
    assert heard[4:10] == [b"Subject: x\r\n", b"\r\n", b"..\r\n", b"line\r\n", b"bare\r\n", b".\r\n"]


@pytest.mark.parametrize(
    ("replies", "error", "text"),
    [
        ([b"554 no service\r\n"], Unreachable, f"{Reason.TURNED_AWAY}: 554 no service"),
        ([b"421 busy\r\n"], Unreachable, f"{Reason.TURNED_AWAY}: 421 busy"),
        ([HELLO, b"500 what\r\n", b"500 what\r\n"], Unreachable, f"{Reason.TURNED_AWAY}: 500 what"),
        ([], Temporary, Reason.CUT),
        ([HELLO, WELCOME], Temporary, Reason.CUT),
        ([HELLO, WELCOME, b"553 not you\r\n"], Temporary, f"{Reason.SENDER_REFUSED}: 553 not you"),
        ([HELLO, WELCOME, b"530 sign in\r\n"], Temporary, f"{Reason.SIGN_IN_REFUSED}: 530 sign in"),
        ([HELLO, WELCOME, b"552 too big\r\n"], Permanent, f"{Reason.MAIL_REFUSED}: 552 too big"),
        ([HELLO, WELCOME, OK, b"450 later\r\n"], Temporary, f"{Reason.RECIPIENT_LATER}: 450 later"),
        ([HELLO, WELCOME, OK, b"550 <ana@example.pe> no\r\n"], Permanent, f"{Reason.RECIPIENT_REFUSED}: 550 <***> no"),
        ([HELLO, WELCOME, OK, OK, b"554 no data\r\n"], Permanent, f"{Reason.MAIL_REFUSED}: 554 no data"),
        ([HELLO, WELCOME, OK, OK, GO, b"451 full\r\n"], Temporary, f"{Reason.MAIL_LATER}: 451 full"),
        ([HELLO, WELCOME, OK, OK, GO, b"550-no\r\n550 no\r\n"], Permanent, f"{Reason.MAIL_REFUSED}: 550 no no"),
        ([HELLO, WELCOME, OK, OK, GO], Temporary, Reason.CUT),
        ([HELLO, WELCOME, OK, b"\xff\x00\x1bhello\r\n"], Temporary, Reason.STRANGE),
        ([HELLO, WELCOME, OK, b"550 " + b"x" * 9000 + b"\r\n"], Temporary, Reason.TURNED_AWAY),
    ],
)  # fmt: skip
def test_each_refusal_says_whether_it_is_for_good(replies: list[bytes], error: type[Exception], text: str) -> None:
    with scripted(*replies) as (port, _), pytest.raises(error) as caught:
        send(mail_server(port))
    assert str(caught.value).startswith(text)
    assert str(caught.value).isprintable()
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_goodbye_that_never_comes_changes_nothing() -> None:
    with scripted(HELLO, WELCOME, OK, OK, GO, OK) as (port, heard):
        send(mail_server(port))
    assert heard[-1] == b"quit\r\n"


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="cannot be reached: Connection refused"):
            send(mail_server(held.getsockname()[1]))


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_server_that_says_nothing_is_left(security: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(Unreachable) as caught:
        send(mail_server(listener.getsockname()[1], timeout=0.3, security=security))
    assert str(caught.value) == Reason.TOO_SLOW


def test_a_server_that_dribbles_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_dribble, args=(listener,))
        thread.start()
        began = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            send(mail_server(listener.getsockname()[1], timeout=5.0, whole=0.4))
        assert time.monotonic() - began < 4
        thread.join(timeout=10)
    assert str(caught.value) == Reason.TOO_SLOW


def _dribble(listener: socket.socket) -> None:
    """One letter after the other until the other side hangs up."""
    connection, _ = listener.accept()
    connection.settimeout(0.02)
    with connection, suppress(OSError):
        for _ in range(400):
            connection.sendall(b"2")
            with suppress(TimeoutError):
                if not connection.recv(100):
                    return


@pytest.mark.parametrize("host", ["no..where", "x" * 70, "a b"])
def test_a_host_that_cannot_be_a_host(host: str) -> None:
    with pytest.raises(Unreachable):
        send(SmtpServer(host, 25, timeout=1.0))


def test_an_address_outside_ascii_needs_a_server_that_allows_it() -> None:
    with scripted(HELLO, WELCOME, b"221 bye\r\n") as (port, heard), pytest.raises(Permanent, match=Reason.NO_ACCENTS):
        send(mail_server(port), "josé@example.pe")
    allowed = b"250-hi\r\n250 SMTPUTF8\r\n"
    mail = EmailMessage()
    mail["To"] = "josé@example.pe"
    mail.set_content("hola")
    with scripted(HELLO, allowed, OK, OK, GO, OK, b"221 bye\r\n") as (port, heard):
        send(mail_server(port), "josé@example.pe", mail)
    assert heard[2] == "rcpt TO:<josé@example.pe>\r\n".encode()
    assert "To: josé@example.pe\r\n".encode() in heard


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "a@b@c", "a\r\nRCPT TO:<x@y.pe>@b.pe", "<a@b.pe>", "a@[127.0.0.1]", "\ud800@b.pe"]
)  # fmt: skip
def test_only_addresses_reach_the_envelope(address: str) -> None:
    with pytest.raises(Permanent, match=Reason.NO_ADDRESS):
        mailbox(address)


class Inbox:
    """Accepts everything and keeps it."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


def _check(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
    right = isinstance(login, LoginPassword) and (login.login, login.password) == (b"voc", b"secret")
    return AuthResult(success=right, handled=False)


@contextmanager
def running(inbox: Inbox, **options: Any) -> Iterator[SmtpServer]:
    controller = MailServer(inbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield mail_server(controller.port)
    finally:
        controller.stop()


@pytest.fixture
def signing() -> dict[str, Any]:
    return {"authenticator": _check, "auth_required": True, "auth_require_tls": False}


# The server warns of what this test wants: signing in on loopback without encryption.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_signing_in(signing: dict[str, Any]) -> None:
    inbox = Inbox()
    with running(inbox, **signing) as server:
        send(replace(server, user="voc", password="secret"))
        for wrong in ("wrong", "contraseña"):
            with pytest.raises(Unreachable, match="check VOC_SMTP_USER"):
                send(replace(server, user="voc", password=wrong))
        with pytest.raises(Temporary, match="sign-in"):
            send(server)
    assert len(inbox.mails) == 1
    assert "secret" not in repr(replace(server, password="secret"))


def test_a_server_without_sign_in_or_encryption_is_told_to_the_operator() -> None:
    with running(Inbox()) as server:
        with pytest.raises(Unreachable, match="does not offer"):
            send(replace(server, user="voc", password="secret"))
        with pytest.raises(Unreachable, match="does not offer"):
            send(replace(server, security="starttls"))
        with pytest.raises(Unreachable, match="no trusted connection"):
            send(replace(server, security="tls"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_goes_only_to_whom_we_trust(
    certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    options = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    inbox = Inbox()
    with running(inbox, **options) as server:
        with pytest.raises(Unreachable, match="no trusted connection"):
            send(replace(server, security=security))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send(replace(server, security=security))
    assert len(inbox.mails) == 1

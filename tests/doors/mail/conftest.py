"""What the tests of doors share: private servers on loopback, and a channel's context with real sockets."""

from __future__ import annotations

import itertools
import shutil
import ssl
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import missing
from tests.doors.mail.mail_server import PASSWORD, CuttingProxy, Dovecot, Inbox, MailServer
from voc.net.addresses import AddressGuard
from voc.net.connect import connect
from voc.plugin import Context
from voc.plugin_host.parsers import HostParsers

LOOPBACK = AddressGuard.of("127.0.0.0/8")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost and 127.0.0.1 with its key, in one file."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="session")
def dovecot(certificate: Path) -> Iterator[Dovecot]:
    """A private Dovecot, or a visible skip."""
    if not (shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists()):
        missing("dovecot", "Debian's dovecot-imapd is not installed")
    # Not below pytest's own folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="voc-dovecot-", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder), certificate)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def user() -> str:
    """A user whose mailbox nobody has used yet."""
    return f"ayuda{next(_numbers)}"


@pytest.fixture
def mailbox(dovecot: Dovecot, user: str) -> Callable[..., None]:
    """Puts mails into the fresh mailbox."""
    return partial(dovecot.put, user)


@pytest.fixture
def taken() -> Inbox:
    """What the SMTP server took."""
    return Inbox()


@pytest.fixture
def smtp(taken: Inbox) -> Iterator[MailServer]:
    """An SMTP server that takes everything."""
    server = MailServer(taken, enable_SMTPUTF8=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[CuttingProxy]:
    """A proxy before Dovecot that can cut."""
    found = CuttingProxy(dovecot.port)
    yield found
    found.close()


@pytest.fixture(scope="session")
def parsers() -> Iterator[HostParsers]:
    """The host's parsers."""
    found = HostParsers(size=1)
    yield found
    found.close()


class Now:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Now:
    """The clock of `context`."""
    return Now()


@pytest.fixture
def context(dovecot: Dovecot, user: str, certificate: Path, parsers: HostParsers, now: Now) -> Callable[..., Context]:
    """A context with real sockets over the fresh mailbox; options are changed by keyword."""

    def make(**options: Any) -> Context:
        given = {
            "imap_host": "127.0.0.1",
            "imap_port": dovecot.port,
            "imap_security": "plain",
            "imap_user": user,
            "imap_password": PASSWORD,
            "imap_folder": "INBOX",
            "from_address": "ayuda@aurora.example",
            "from_name": "Aurora",
            **options,
        }
        trusted = ssl.create_default_context(cafile=str(certificate))

        def open_socket(host: str, port: int, *, tls: bool = False, timeout: float = 20.0) -> Any:
            return connect(LOOPBACK, host, port, tls=tls, timeout=timeout, context=trusted if tls else None)

        return Context(options=given, parsers=parsers, connect=open_socket, now=now)

    return make

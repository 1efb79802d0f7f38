"""What the conformance kit needs to know of mail: mails as programs write them, and both servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from email import message_from_bytes
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import Any

from voc.plugin import Raw, Robot
from voc.testkit import NOW, Fixtures, Got, Said, Sample, Trouble

from .fetching import MAIL
from .mail_servers import PASSWORD, Imap, Smtp

AWAY = (
    b"From: Ana <ana@example.pe>\r\nTo: ayuda@aurora.example\r\nSubject: Fuera de la oficina\r\n"
    b"Auto-Submitted: auto-replied\r\nMessage-ID: <9@example.pe>\r\n\r\nVuelvo el lunes.\r\n"
)


def mail(said: Said) -> bytes:
    """A mail as a program would write it."""
    part = MIMEText((said.text or "").replace("\r\n", "\n"), "plain", "utf-8")
    found: Any = part
    if said.attachments:
        found = MIMEMultipart()
        found.attach(part)
    for file in said.attachments:
        inner = MIMEApplication(file.body, file.content_type.partition("/")[2])
        inner.add_header("Content-Disposition", "attachment", filename=("utf-8", "", file.name))
        found.attach(inner)
    name = (said.author.name if said.author else None) or "Ana"
    found["From"] = f"{Header(name.replace(chr(0), ''), 'utf-8').encode()} <ana@example.pe>"
    found["To"] = "ayuda@aurora.example"
    found["Subject"] = "Mi pedido"
    if said.id is not None:
        found["Message-ID"] = f"<{said.id.replace(chr(0), '')}@example.pe>"
    if said.answers is not None:
        found["In-Reply-To"] = f"<{said.answers}>"
    if said.sent_at is not None:
        found["Date"] = format_datetime(said.sent_at)
    return bytes(found.as_bytes())


class MailVendor:
    """A mailbox, and a server for answers."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.got: list[Got] = []
        self.imap = Imap(lambda: self.trouble)
        self.smtp = Smtp(lambda: self.trouble, self._taken)

    @property
    def options(self) -> dict[str, Any]:
        """Where both are."""
        return {"imap_port": self.imap.port, "smtp_port": self.smtp.port}

    def put(self, said: Said) -> None:
        """A mail arrives."""
        self.imap.mails[len(self.imap.mails) + 1] = mail(said)

    def reset(self) -> None:
        """The folder is made anew."""
        self.imap.mails.clear()
        self.imap.validity += 1

    def _taken(self, body: bytes) -> None:
        found = message_from_bytes(body)
        text = found.get_payload(decode=True)
        assert isinstance(text, bytes)  # noqa: S101  (our answers have one part)
        self.got.append(Got(str(found["Message-ID"]), text.decode("utf-8")))

    def close(self) -> None:
        """Stop both."""
        self.imap.close()
        self.smtp.close()


class EmailFixtures(Fixtures):
    """The mailbox ayuda@."""

    options = {
        "imap_host": "127.0.0.1",
        "imap_security": "plain",
        "imap_user": "ayuda",
        "imap_password": PASSWORD,
        "smtp_host": "127.0.0.1",
        "smtp_security": "plain",
        "smtp_user": "ayuda",
        "smtp_password": f"{PASSWORD}-too",
        "from_address": "ayuda@aurora.example",
    }
    samples = (Sample(AWAY, MAIL, (Robot("an automatic answer (Auto-Submitted: auto-replied)"),)),)
    cannot = {
        "score": "nobody gives a score in a mail",
        "fetch-retry-after": "IMAP has no word for when to come back",
        "send-retry-after": "SMTP has no word for when to come back",
    }

    def raw(self, said: Said) -> Raw:
        """One mail, as the mailbox gives it."""
        return Raw(mail(said), MAIL, NOW, {}, "7:1")

    def vendor(self) -> AbstractContextManager[MailVendor]:
        """Both servers, running."""
        return _running()


@contextmanager
def _running() -> Iterator[MailVendor]:
    vendor = MailVendor()
    try:
        yield vendor
    finally:
        vendor.close()

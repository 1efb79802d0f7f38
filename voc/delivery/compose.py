"""Writing mails (RFC 5322). Pure: no database, no clock; nothing that anybody typed can become a header of its own.

Headers are put together here and not by `EmailMessage`, which unquotes long names when it folds them (Python 3.11)
and so turns `x;` into an address. Whatever is not plain words becomes an encoded word (RFC 2047).
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from uuid import UUID

from voc.core.errors import Permanent, Temporary
from voc.core.text import one_line, storable
from voc.core.vocabulary import LANGUAGES
from voc.delivery.outcome import NO_SENDER
from voc.net.smtp import mailbox

# Reserved so that it can never be anybody's domain (RFC 2606).
NO_DOMAIN = "voc.invalid"
LONGEST_DOMAIN = 150
EARLIER_SHOWN = 20
LONGEST_NAME = 120

_FOLD = "\r\n "
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 '-]{0,50}[A-Za-z0-9])?")

_STATUS_LINE = {
    "es": "Puede ver el estado de su caso aquí:",
    "pt": "Você pode ver a situação do seu caso aqui:",
    "en": "You can see the status of your case here:",
}


def domain_of(mail_from: str) -> str:
    """The domain our ids end in: that of the sender, or one that belongs to nobody when there is no sender yet."""
    try:
        domain = sender_of(mail_from).rpartition("@")[2]
    except Temporary:
        return NO_DOMAIN
    return domain if len(domain) <= LONGEST_DOMAIN else NO_DOMAIN


def sender_of(mail_from: str) -> str:
    """The bare address of the sender; raises Temporary when the setting holds none, since the operator mends that."""
    try:
        return mailbox(_parts(mail_from)[1])
    except Permanent:
        raise Temporary(NO_SENDER) from None


def header_id(message_id: UUID, domain: str) -> str:
    """The Message-ID of a message, the same for every try."""
    return f"<{message_id.hex}@{domain}>"


def thread_root(case_id: UUID, own_id: str) -> str:
    """The id every mail of a case lists first, so that mail programs keep them together; no mail has it.

    `own_id` is the oldest Message-ID of the case; its domain stays when the sender of the company changes.
    """
    domain = own_id.rpartition("@")[2].rstrip(">") or NO_DOMAIN
    return f"<case-{case_id.hex}@{domain}>"


def answer_mail(
    *,
    mail_from: str,
    recipient: str,
    subject: str,
    text: str,
    own_id: str,
    root: str,
    earlier: Sequence[str],
    language: str,
    link: str | None,
    now: datetime,
) -> bytes:
    """A person's answer to a customer.

    `earlier` are the Message-IDs of what we sent in this case before, oldest first; with any of them the subject
    begins with "Re: ". `link` is the signed address of the status page. Raises Permanent for a recipient that is
    no address, Temporary for a sender that is none. An answer is no automatic mail: it has no Auto-Submitted.
    """
    line = header_text(subject)
    if earlier and not line.lower().startswith("re:"):
        line = f"Re: {line}"
    shown = [known for known in earlier if known != root][-EARLIER_SHOWN:]
    headers = _headers(mail_from, "", recipient, line, own_id, now)
    if shown:
        headers.append(("In-Reply-To", shown[-1]))
    headers.append(("References", _FOLD.join([root, *shown])))
    body = storable(text).rstrip()
    if link:
        body = f"{body}\n\n-- \n{_STATUS_LINE[language if language in LANGUAGES else 'en']} {link}"
    return _mail(headers, body)


def internal_mail(
    *, mail_from: str, name: str, recipient: str, subject: str, text: str, own_id: str, now: datetime
) -> bytes:
    """A notice to a colleague; marked as automatic, so that no absence notice comes back. Raises as `answer_mail`."""
    headers = _headers(mail_from, name, recipient, header_text(subject), own_id, now)
    headers.append(("Auto-Submitted", "auto-generated"))
    return _mail(headers, storable(text).rstrip())


def header_text(value: str) -> str:
    """`value` as one line of header text. What only looks like an encoded word stays the text it is."""
    return one_line(storable(value)).replace("=?", "= ?")


def _parts(mail_from: str) -> tuple[str, str]:
    """Name and address of the setting; a comma in the name needs no quotes, since there is only one sender."""
    name, bracket, address = one_line(mail_from).rpartition("<")
    if not bracket:
        return "", address
    return name.strip().strip('"'), address.removesuffix(">")


def _headers(
    mail_from: str, name: str, recipient: str, subject: str, own_id: str, now: datetime
) -> list[tuple[str, str]]:
    return [
        ("From", _address("From", _parts(mail_from)[0], sender_of(mail_from))),
        ("To", _address("To", name, mailbox(recipient))),
        ("Subject", subject if subject.isascii() and len(subject) <= 60 else _encoded("Subject", subject)),
        ("Date", format_datetime(now)),
        ("Message-ID", own_id),
    ]


def _address(header: str, name: str, address: str) -> str:
    shown = header_text(name)[:LONGEST_NAME].strip()
    if not shown:
        return address
    words = shown if _PLAIN_NAME.fullmatch(shown) else _encoded(header, shown)
    return f"{words}{_FOLD}<{address}>"


def _encoded(header: str, text: str) -> str:
    """`text` as encoded words, folded."""
    return Header(text, "utf-8", header_name=header, maxlinelen=76).encode(linesep="\r\n")


def _mail(headers: Sequence[tuple[str, str]], body: str) -> bytes:
    """The mail as it goes over the wire: plain text in UTF-8, quoted-printable, so that every line is short ASCII.

    Only an address whose local part is not ASCII stands there in UTF-8, which the server must allow (SMTPUTF8).
    """
    lines = [
        *(f"{name}: {value}" for name, value in headers),
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    ]
    text = quopri.encodestring((body + "\n").encode("utf-8")).replace(b"\n", b"\r\n")
    return "\r\n".join([*lines, "", ""]).encode("utf-8") + text

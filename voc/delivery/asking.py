"""Mails that ask many people something: two forms of the same text, and a way out of it. Pure, like `compose`."""

from __future__ import annotations

import quopri
from datetime import datetime

from voc.core.text import storable
from voc.delivery.compose import _headers, header_text


def asking_mail(
    *,
    mail_from: str,
    name: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    own_id: str,
    unsubscribe: str,
    now: datetime,
) -> bytes:
    """A mail nobody waited for. `unsubscribe` is an address that a mail program may POST to (RFC 8058).

    Marked as automatic, so that no absence notice comes back. Raises Permanent for a recipient that is no address,
    Temporary for a sender that is none.
    """
    headers = [
        *_headers(mail_from, name, recipient, header_text(subject), own_id, now),
        ("Auto-Submitted", "auto-generated"),
        ("List-Unsubscribe", f"<{header_text(unsubscribe)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]
    # Quoted-printable never writes "=_", so no line of a part can be the boundary.
    boundary = f"=_{own_id.strip('<>').partition('@')[0]}"
    lines = [
        *(f"{header}: {value}" for header, value in headers),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
    ]
    parts = [_part(boundary, "plain", text), _part(boundary, "html", html)]
    return "\r\n".join([*lines, *parts, f"--{boundary}--", ""]).encode("utf-8")


def _part(boundary: str, kind: str, content: str) -> str:
    """One form of the text: short lines of ASCII."""
    written = quopri.encodestring((storable(content).rstrip() + "\n").encode("utf-8")).decode("ascii")
    lines = [
        f"--{boundary}",
        f'Content-Type: text/{kind}; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        *written.split("\n"),
    ]
    return "\r\n".join(lines)

"""The bounded parsers that the kit's views have: the same limited children as the host's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from voc.core.text import storable
from voc.plugin import Attachment, Mail, MailAddress
from voc.process.limited import Unable
from voc.process.mail_reader import MailReader

_LAST_RESORT = 10_000
_KNOWN = frozenset(field.name for field in fields(Mail))
_LISTS = ("in_reply_to", "references")
_ADDRESSES = ("reply_to", "to", "cc")


class KitParsers:
    """`voc.plugin.Parsers`; the children start when they are first asked."""

    def __init__(self) -> None:
        self._reader = MailReader(size=1)

    def mail(self, body: bytes) -> Mail:
        """Take a mail apart; raises ValueError with a sentence when it cannot be read."""
        try:
            return mail_of(self._reader.mail(body))
        except Unable as error:
            raise ValueError(f"this mail cannot be read: {error}") from None

    def text_of_html(self, html: str) -> str:
        """Plain text of HTML, cut where it cannot be read in the time."""
        try:
            return self._reader.text_of_html(html)
        except Unable:
            return " ".join(storable(html[:_LAST_RESORT]).split())

    def close(self) -> None:
        """End the children."""
        self._reader.close()


def mail_of(found: Mapping[str, Any]) -> Mail:
    """A mail of the contract from what the limited child found."""
    values = {name: value for name, value in found.items() if name in _KNOWN}
    values |= {name: tuple(found[name]) for name in _LISTS}
    values |= {name: tuple(_address(item) for item in found[name]) for name in _ADDRESSES}
    values["sender"] = _address(found["sender"]) if found["sender"] else None
    values["date"] = datetime.fromisoformat(found["date"]) if found["date"] else None
    values["attachments"] = tuple(
        Attachment(name, kind, size, bytes(body)) for name, kind, size, body in found["attachments"]
    )
    values["report_recipients"] = tuple(map(storable, found.get("report_recipients", ())))
    return Mail(**values)


def _address(item: Mapping[str, str]) -> MailAddress:
    return MailAddress(storable(item["name"]), storable(item["email"]))

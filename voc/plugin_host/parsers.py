"""The bounded parsers that plugins see: what the limited children found, as the contract's types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from voc.core.text import storable
from voc.plugin import Attachment, Mail, MailAddress
from voc.process.limited import Limits, Unable
from voc.process.mail_reader import MailReader

# Characters shown of HTML that could not be read at all.
_LAST_RESORT = 10_000


class HostParsers:
    """`voc.plugin.Parsers` over limited children, started when first needed; for any number of threads."""

    def __init__(self, *, size: int = 2, limits: Limits | None = None) -> None:
        self._reader = MailReader(size=size, limits=limits)

    def mail(self, body: bytes) -> Mail:
        """Take a mail apart; raises ValueError with a sentence for people when it cannot be read."""
        try:
            return _mail(self._reader.mail(body))
        except Unable as error:
            raise ValueError(f"this mail cannot be read: {error}") from None

    def text_of_html(self, html: str) -> str:
        """Plain text of HTML; what cannot be read in the time is shown as it stands, cut."""
        try:
            return self._reader.text_of_html(html)
        except Unable:
            return " ".join(storable(html[:_LAST_RESORT]).split())

    def close(self) -> None:
        """End the children; nothing is asked afterwards."""
        self._reader.close()


def _mail(found: dict[str, Any]) -> Mail:
    return Mail(
        message_id=found["message_id"],
        in_reply_to=tuple(found["in_reply_to"]),
        references=tuple(found["references"]),
        sender=_address(found["sender"]) if found["sender"] else None,
        reply_to=_addresses(found["reply_to"]),
        to=_addresses(found["to"]),
        cc=_addresses(found["cc"]),
        subject=found["subject"],
        date=datetime.fromisoformat(found["date"]) if found["date"] else None,
        text=found["text"],
        html=found["html"],
        visible=found["visible"],
        attachments=tuple(Attachment(name, kind, size, bytes(body)) for name, kind, size, body in found["attachments"]),
        headers=found["headers"],
        reported=found.get("reported", ""),
        report_action=found.get("report_action", ""),
        report_status=found.get("report_status", ""),
        report_recipients=tuple(map(storable, found.get("report_recipients", ()))),
        truncated=found["truncated"],
    )


def _address(item: dict[str, str]) -> MailAddress:
    return MailAddress(storable(item["name"]), storable(item["email"]))


def _addresses(items: Sequence[dict[str, str]]) -> tuple[MailAddress, ...]:
    return tuple(_address(item) for item in items)

"""A mail taken apart by the host in a limited child: what `View.mail` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voc.plugin.messages import Attachment


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One address of a header; `name` is empty when there is none, `email` as written."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, decoded and bounded. Ids are without angle brackets; `headers` has lower-case names, decoded values.

    `text` and `html` are the visible parts (either may be empty); `visible` is what the author wrote now, without
    quotes and signature; `truncated` says that a limit cut something off. `reported` is the id of our message that a
    delivery report is about, with the report's own words in `report_status` (such as `5.1.1`) and the addresses that it
    speaks of in `report_recipients`.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: MailAddress | None = None
    reply_to: tuple[MailAddress, ...] = ()
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    html: str = ""
    visible: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    reported: str = ""
    report_action: str = ""
    report_status: str = ""
    report_recipients: tuple[str, ...] = ()
    truncated: bool = False

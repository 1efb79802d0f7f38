"""What a mail says: a customer's words, what became of a mail of ours, or nothing that a person wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from voc.plugin import Author, Delivery, Fate, Ignored, Inbound, Mail, MailAddress, Raw, ReadItem, Robot, View

from .fetching import NOT_GIVEN, TOO_LARGE
from .identity import external_id
from .robots import robot
from .settings import own_addresses, text
from .subjects import bare, is_reply
from .trust import verified

LONGEST_NAME = 200
LONGEST_ADDRESS = 320
MOST_FILES = 100
# Ids kept to refer to when somebody answers, and to find the conversation by.
MOST_REFERENCES = 20
MOST_THREAD = 100
# A date further in the future than this is a clock that is wrong.
AHEAD = timedelta(days=1)


def read_mail(view: View, raw: Raw) -> ReadItem:
    """The one thing that `raw` says; raises ValueError with words for the operator when it cannot be known."""
    if raw.content_type == TOO_LARGE:
        raise ValueError(_too_large(raw.headers))
    if raw.content_type == NOT_GIVEN:
        raise ValueError(f"the mail server lists this mail and does not give it: {_place(raw.headers)}")
    mail = view.mail(raw)
    if mail.report_action:
        return _report(mail)
    if reason := robot(mail, view.options):
        return Robot(reason)
    return _inbound(mail, view.options, raw)


def _too_large(headers: Mapping[str, str]) -> str:
    return (
        f"this mail has {headers.get('size', 'too many')} bytes, more than the {headers.get('limit', '')} that are "
        f"fetched; only its header is here, the mail is still in the mailbox: {_place(headers)}"
    )


def _place(headers: Mapping[str, str]) -> str:
    return f"folder {headers.get('folder', '?')}, UID {headers.get('uid', '?')}"


_FATES: dict[str, Fate] = {"failed": "failed", "delivered": "delivered", "displayed": "read"}


def _report(mail: Mail) -> ReadItem:
    """What became of a mail of ours, as far as the report says which one and what."""
    action, status = mail.report_action, mail.report_status
    if action in ("delayed", "relayed", "expanded"):
        return Robot(f"a delivery report: {action} {status}".strip())
    if not mail.reported:
        return Robot(f"a delivery report ({action}) that does not say of which mail")
    if action in _FATES and not mail.report_recipients:
        # Whoever got a mail of ours knows its id: a report must also know where it went.
        return Robot(f"a delivery report ({action}) that does not say for whom")
    if action in _FATES:
        words = failure(status) if action == "failed" else ""
        return Delivery(f"<{mail.reported}>", _FATES[action], words, mail.report_recipients)
    return Robot(f"a report about a mail of ours: {action[:60]}")


# By the second and third number of the status (RFC 3463); the first says only whether it is for good.
_FAILURES = {
    "1.1": "there is no such address",
    "1.2": "there is no such mail domain",
    "1.3": "the address is wrong",
    "1.10": "the domain takes no mail",
    "2.1": "the mailbox is closed",
    "2.2": "the mailbox is full",
    "2.3": "the mail is too large for the mailbox",
    "4.1": "the customer's mail server does not answer",
    "4.4": "the customer's mail server cannot be found",
    "4.7": "the customer's mail server could not be reached in time",
    "7.1": "the customer's mail server refuses mail from us",
}


def failure(status: str) -> str:
    """Why a mail came back, in words, with the number that a technician wants to know."""
    words = _FAILURES.get(status.partition(".")[2], "")
    return f"{words} ({status})" if words else status


def _inbound(mail: Mail, options: Mapping[str, Any], raw: Raw) -> ReadItem:
    answered = tuple(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))[:MOST_THREAD]
    said = _words(mail, replying=bool(answered) or is_reply(mail.subject))
    if isinstance(said, Ignored):
        return said
    author, target = _author(mail, options), _target(mail, options)
    date = mail.date if mail.date and mail.date <= raw.received_at + AHEAD and mail.date.year >= 1990 else None
    return Inbound(
        external_id=external_id(raw.body),
        text=said,
        sent_at=date,
        author=author,
        facts={"truncated": True} if mail.truncated else {},
        subject=mail.subject or None,
        thread=answered,
        names=(mail.message_id,) if mail.message_id else (),
        reply_to=_reply_to(mail, target) if target else None,
        attachments=tuple(mail.attachments[:MOST_FILES]),
    )


def _words(mail: Mail, *, replying: bool) -> str | Ignored:
    """What the customer says: the new words, else the subject, else the names of what is attached.

    Raises ValueError when there may be words that the limits of reading hid.
    """
    if mail.visible.strip():
        return mail.visible
    files = ", ".join(file.name for file in mail.attachments[:20])
    subject = bare(mail.subject)
    if subject and not replying:
        return f"{subject} [{files}]" if files else subject
    if files:
        return f"[{files}]"
    if mail.truncated:
        raise ValueError("within the limits of reading nothing was found in it")
    if mail.text.strip():
        return Ignored("it only repeats what was said before")
    return Ignored("the mail is empty: no words, no subject, no files")


def _author(mail: Mail, options: Mapping[str, Any]) -> Author | None:
    """Who wrote: the sender, or behind a machine the one who is to be answered."""
    sender = mail.sender
    if sender is None:
        return None
    proved = verified(mail, text(options, "trust_authentication_results"))
    if sender.email.partition("@")[0].lower().replace("-", "").replace("_", "") in ("noreply", "donotreply"):
        sender, proved = (mail.reply_to[0] if mail.reply_to else sender), False
    return Author(
        name=sender.name[:LONGEST_NAME] or None,
        email=sender.email if len(sender.email) <= LONGEST_ADDRESS else None,
        verified=proved,
    )


def _target(mail: Mail, options: Mapping[str, Any]) -> MailAddress | None:
    """Where an answer goes: as the mail asks, but never to ourselves."""
    ours = own_addresses(options)
    candidates = [*mail.reply_to, *((mail.sender,) if mail.sender else ())]
    return next((address for address in candidates if address.email.lower() not in ours), None)


def _reply_to(mail: Mail, target: MailAddress) -> dict[str, Any]:
    return {
        "to": target.email[:LONGEST_ADDRESS],
        "subject": mail.subject[:300],
        "message_id": mail.message_id,
        "references": [*mail.references, *mail.in_reply_to][-MOST_REFERENCES:],
    }

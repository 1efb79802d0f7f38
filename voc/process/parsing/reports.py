"""Delivery reports: what became of a mail that was sent, in the standard form and in those of servers without one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from typing import Any

from voc.process.parsing.headers import ids, unfolded, words
from voc.process.parsing.walk import Found, fields_of

_MACHINES = re.compile(
    r"^(?:mailer-?daemon|postmaster|mail-?delivery|maildelivery|mdaemon|bounces?|microsoftexchange\w*)\b", re.IGNORECASE
)
_SUBJECT_WORDS = (
    r"undeliver",
    r"delivery (?:status|failure|has failed|incomplete|delayed|notification|report)",
    r"returned mail",
    r"mail delivery",
    r"mail system error",
    r"failure notice",
    r"message (?:delayed|not delivered|undeliverable)",
    r"warning: (?:could not send|message)",
    r"no se (?:puede|pudo|ha podido) entregar",
    r"no entregado",
    r"(?:correo|mensaje) (?:devuelto|no entregado)",
    r"error (?:en la|de) entrega",
    r"notificaci[oó]n (?:de|sobre el) (?:estado|entrega)",
    r"entrega (?:retrasada|fallida|demorada|atrasada|com falha)",
    r"n[aã]o (?:foi poss[ií]vel entregar|entregue|pode ser entregue)",
    r"mensagem (?:devolvida|n[aã]o entregue)",
    r"devolu[cç][aã]o de (?:e-?mail|mensagem)",
    r"falha (?:na|de) entrega",
    r"notifica[cç][aã]o de (?:status|entrega)",
)
_SUBJECTS = re.compile(rf"^\W{{0,20}}(?:{'|'.join(_SUBJECT_WORDS)})", re.IGNORECASE)
_DELAYED = re.compile(
    r"delayed|has not yet been|will (?:keep|continue to) (?:try|retry)|retrasad|demorad|seguir[aá] intent|atrasad|"
    r"continuar[aá] tentando|tentaremos novamente",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<!\d)([45]\d\d)[ -]")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,64}@[^\s<>,;:\"()\[\]@]{1,253}")
_COPIED_ID = re.compile(r"^[>\s|]{0,10}message-id:\s{0,10}<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)


MOST_RECIPIENTS = 50


def report(message: Message, found: Found, *, text: str, sender: str, subject: str) -> dict[str, Any]:
    """{"reported", "report_action", "report_status", "report_recipients"} of a report about a mail of ours; empty when
    it is none.

    `report_action` is the report's own word (failed, delayed, delivered, relayed, expanded), `displayed` or `deleted`
    for a read receipt, `abuse` for a complaint. `reported` is empty when the report does not say which mail it means,
    `report_recipients` when it does not say for whom.
    """
    fields = fields_of(message)
    for kind, groups in found.reports:
        if kind == "message/disposition-notification":
            return _receipt(groups, found)
        if kind == "message/feedback-report":
            return _answer(_about(found, fields, ""), "abuse", "")
        return _status(groups, found, fields)
    return _unstandardized(found, fields, text, sender, subject)


def _answer(reported: str, action: str, status: str, recipients: Iterable[str] = ()) -> dict[str, Any]:
    known = list(dict.fromkeys(address.strip(".'") for address in recipients))[:MOST_RECIPIENTS]
    return {"reported": reported, "report_action": action, "report_status": status, "report_recipients": known}


def _recipients(fields: dict[str, str]) -> list[str]:
    """Whom a group of fields is about: where it went in the end, and where it was sent at first."""
    named = ("final-recipient", "original-recipient", "x-actual-recipient")
    return [address for name in named for address in _ADDRESS.findall(unfolded(fields.get(name, "")))]


def _receipt(groups: list[Message], found: Found) -> dict[str, Any]:
    """A read receipt (RFC 8098)."""
    for group in groups:
        fields = fields_of(group)
        if "disposition" in fields:
            kind = unfolded(fields["disposition"]).rpartition(";")[2].split("/")[0].strip().lower()
            about = ids([fields.get("original-message-id", "")]) or [_about(found, {}, "")]
            return _answer(about[0], kind[:40] or "displayed", "", _recipients(fields))
    return {}


def _status(groups: list[Message], found: Found, own: dict[str, str]) -> dict[str, Any]:
    """A delivery status (RFC 3464): the worst thing it says of any recipient, and of whom it says that."""
    worst, status = "", ""
    named: dict[str, list[str]] = {}
    order = ("failed", "delayed", "delivered", "relayed", "expanded")
    for group in groups:
        fields = fields_of(group)
        action = unfolded(fields.get("action", "")).split()[:1]
        if not action:
            continue
        word = action[0].lower()[:40]
        named.setdefault(word, []).extend(_recipients(fields))
        if not worst or (word in order and (worst not in order or order.index(word) < order.index(worst))):
            given = _STATUS.search(unfolded(fields.get("status", ""))) or _STATUS.search(
                unfolded(fields.get("diagnostic-code", ""))
            )
            worst, status = word, given[1] if given else ""
    if not worst:
        return {}
    return _answer(_about(found, own, ""), worst, status, named[worst])


def _about(found: Found, own: dict[str, str], text: str) -> str:
    """The id of the mail that a report is about: from the copy in it, its text, or what the report answers."""
    for original in found.originals:
        if known := ids([fields_of(original).get("message-id", "")]):
            return known[0]
    if copied := _COPIED_ID.search(text[:100_000]):
        return copied[1]
    for name in ("in-reply-to", "references"):
        if known := ids([own.get(name, "")]):
            return known[-1]
    return ""


def _unstandardized(found: Found, own: dict[str, str], text: str, sender: str, subject: str) -> dict[str, Any]:
    """A bounce in the words of a server that knows no standard: qmail, Exim, old Exchange, and their translations."""
    said = "x-failed-recipients" in own
    daemon = bool(_MACHINES.match(sender))
    nobody = unfolded(own.get("return-path", "")) == "<>"
    bouncing = bool(_SUBJECTS.match(words(subject)))
    # Two signs, or the header that only bounces have: a person may well write about a returned mail.
    if not (said or (daemon and (bouncing or nobody)) or (nobody and bouncing)):
        return {}
    head = f"{subject}\n{text[:20_000]}"
    given = _STATUS.search(head)
    code = _CODE.search(head)
    status = given[1] if given else (f"{code[1][0]}.0.0" if code else "")
    delayed = bool(_DELAYED.search(head[:3000])) and not status.startswith("5")
    # Such servers name the address somewhere in their words, or in the copy of our mail.
    failed = _ADDRESS.findall(unfolded(own.get("x-failed-recipients", "")))
    failed = failed or [*_ADDRESS.findall(text[:100_000]), *_copied_to(found)]
    return _answer(_about(found, own, text), "delayed" if delayed else "failed", status, failed)


def _copied_to(found: Found) -> list[str]:
    headers = (unfolded(fields_of(copy).get("to", "")) for copy in found.originals)
    return [address for header in headers for address in _ADDRESS.findall(header)]

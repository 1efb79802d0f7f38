"""What a person writes into a customer's profile: name, language, way to answer, segment, value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.errors import Invalid
from voc.core.text import one_line, storable
from voc.core.vocabulary import LANGUAGES
from voc.customers.changing import changing, noted
from voc.customers.normalize import LONGEST_NAME, name_key
from voc.security.access import Actor

LONGEST_SEGMENT = 40
HIGHEST_VALUE = 10**15

TOO_LONG = "This is longer than the field can take."
NOT_A_CHOICE = "Please choose one of the answers shown."
NO_VALUE = "Please give a whole number, 0 or more."


@dataclass(frozen=True, slots=True)
class Profile:
    """What was typed; an empty text means nothing."""

    name: str = ""
    language: str = ""
    preferred_channel: str = ""
    segment: str = ""
    value: str = ""


def change_profile(
    session: Session,
    customer_id: UUID,
    *,
    actor: Actor,
    typed: Profile,
    channels: Collection[str],
    version: int,
    now: datetime,
) -> None:
    """Store a profile; `channels` are the ways to answer that can be chosen. Raises Invalid with a message for each
    wrong field, Forbidden, NotFound, and Conflict when somebody was faster."""
    customer = changing(session, customer_id, actor=actor, permission="customer.edit", version=version)
    fields, errors = read_profile(typed, channels=[*channels, customer.preferred_channel or ""])
    if errors:
        raise Invalid(fields=errors)
    changed = [name for name, value in fields.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, fields[name])
    customer.name_key = name_key(customer.name)
    noted(session, customer.id, "customer.changed", actor=actor, now=now, fields=changed)


def read_profile(
    typed: Profile, *, channels: Collection[str]
) -> tuple[dict[str, str | int | None], dict[str, list[str]]]:
    """What was typed as column values, and one message for each wrong field. Pure."""
    errors: dict[str, list[str]] = {}
    name, segment = (one_line(storable(value)) for value in (typed.name, typed.segment))
    if len(name) > LONGEST_NAME:
        errors["name"] = [TOO_LONG]
    if len(segment) > LONGEST_SEGMENT:
        errors["segment"] = [TOO_LONG]
    if typed.language and typed.language not in LANGUAGES:
        errors["language"] = [NOT_A_CHOICE]
    if typed.preferred_channel and typed.preferred_channel not in channels:
        errors["preferred_channel"] = [NOT_A_CHOICE]
    value = _value(typed.value)
    if value is not None and not 0 <= value <= HIGHEST_VALUE:
        errors["value"] = [NO_VALUE]
    return {
        "name": name or None,
        "language": typed.language or None,
        "preferred_channel": typed.preferred_channel or None,
        "segment": segment or None,
        "value": value,
    }, errors


def _value(typed: str) -> int | None:
    """The number; None for nothing, -1 for what is none. Spaces between the digits are allowed, and nothing else:
    a point or a comma means one thing here and another there."""
    digits = "".join(typed.split())
    if not digits:
        return None
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 18 else -1

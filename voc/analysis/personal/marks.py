"""What stands in place of personal data, by kind and by the reader's language."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """What kind of personal data a span holds."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    ACCOUNT = "account"
    IDENTITY = "identity"
    ADDRESS = "address"
    NAME = "name"
    OTHER = "other"


MARKS: dict[str, dict[Kind, str]] = {
    "es": {
        Kind.EMAIL: "[e-mail]",
        Kind.PHONE: "[teléfono]",
        Kind.CARD: "[tarjeta]",
        Kind.ACCOUNT: "[cuenta]",
        Kind.IDENTITY: "[documento]",
        Kind.ADDRESS: "[dirección]",
        Kind.NAME: "[nombre]",
        Kind.OTHER: "[dato personal]",
    },
    "pt": {
        Kind.EMAIL: "[e-mail]",
        Kind.PHONE: "[telefone]",
        Kind.CARD: "[cartão]",
        Kind.ACCOUNT: "[conta]",
        Kind.IDENTITY: "[documento]",
        Kind.ADDRESS: "[endereço]",
        Kind.NAME: "[nome]",
        Kind.OTHER: "[dado pessoal]",
    },
    "en": {
        Kind.EMAIL: "[e-mail]",
        Kind.PHONE: "[phone]",
        Kind.CARD: "[card]",
        Kind.ACCOUNT: "[account]",
        Kind.IDENTITY: "[identity number]",
        Kind.ADDRESS: "[address]",
        Kind.NAME: "[name]",
        Kind.OTHER: "[personal data]",
    },
}

# While a text is searched, what was found (and marks that stand in it already) is covered by signs that no pattern
# takes for a letter, a digit or a space: a phone by one of its own, because "… or 4567890" after it is one more.
COVER = "\ue000"
PHONE_COVER = "\ue001"
COVERS: dict[str, str] = {
    mark: PHONE_COVER if kind is Kind.PHONE else COVER for marks in MARKS.values() for kind, mark in marks.items()
}
ANY_MARK = re.compile("|".join(map(re.escape, sorted(COVERS, key=len, reverse=True))))


def mark_of(kind: Kind, language: str) -> str:
    """The mark of a kind in `language` (es, pt, en; any other reads English)."""
    return MARKS.get(language, MARKS["en"])[kind]

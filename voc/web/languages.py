"""Which of the three languages to speak: a pure decision and the names that go with it."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import LanguageAccept

# What each language calls itself.
NAMES = {"es": "Español", "pt": "Português", "en": "English"}
# For the lang attribute and for Babel: our Portuguese is Brazilian.
TAGS = {"es": "es", "pt": "pt-BR", "en": "en"}
LOCALES = {"es": "es", "pt": "pt_BR", "en": "en"}


def choose(
    *,
    asked: str | None,
    own: str | None,
    accepted: LanguageAccept | None,
    house: str,
    offered: Sequence[str],
) -> str:
    """The first that is offered of: asked for in the address, the person's own, accepted by the browser, the house's.

    `accepted` is matched by primary language (`es-419` is `es`), best quality first. Falls back to the first offered.
    """
    if asked in offered and asked is not None:
        return asked
    if own in offered and own is not None:
        return own
    for tag, quality in accepted or ():
        primary = tag.replace("_", "-").split("-")[0].lower()
        if quality > 0 and primary in offered:
            return primary
    return house if house in offered else offered[0]

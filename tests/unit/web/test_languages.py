"""Which language a page speaks."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from voc.core.vocabulary import LANGUAGES
from voc.web.languages import LOCALES, NAMES, TAGS, choose


def accepted(header: str) -> LanguageAccept:
    return parse_accept_header(header, LanguageAccept)


@pytest.mark.parametrize(
    ("asked", "own", "header", "house", "language"),
    [
        ("pt", "en", "es", "es", "pt"),
        ("de", "en", "es", "es", "en"),
        (None, None, "pt-BR,pt;q=0.9,en;q=0.8", "es", "pt"),
        (None, None, "es-419", "en", "es"),
        (None, None, "de, en;q=0.5, es;q=0.7", "pt", "es"),
        (None, None, "de, fr", "pt", "pt"),
        (None, None, "en;q=0, *", "es", "es"),
        (None, None, "", "es", "es"),
    ],
)
def test_order(asked: str | None, own: str | None, header: str, house: str, language: str) -> None:
    assert choose(asked=asked, own=own, accepted=accepted(header), house=house, offered=LANGUAGES) == language


def test_only_what_is_offered() -> None:
    assert choose(asked="es", own=None, accepted=accepted("es"), house="es", offered=("pt", "en")) == "pt"


def test_every_language_has_a_name_a_tag_and_a_locale() -> None:
    assert set(NAMES) == set(TAGS) == set(LOCALES) == set(LANGUAGES)

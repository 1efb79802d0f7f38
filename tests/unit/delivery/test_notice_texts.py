"""The notices to colleagues, in three languages."""

from __future__ import annotations

import pytest

from voc.core.errors import Invalid
from voc.core.vocabulary import LANGUAGES
from voc.delivery.notices import FOLDER, names, render

FULL = {
    "name": "Eva",
    "case_number": 2041,
    "due_text": "10-03 15:30",
    "who": "Ana",
    "voice": "Llegó roto",
    "link": "https://voc.aurora.pe/cases/1",
    "company": "Aurora",
    "rule": "Legal risks",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(names()))
def test_every_notice_speaks_every_language(name: str, language: str) -> None:
    subject, body = render(name, language, FULL)
    assert "C-2041" in subject
    assert "\n" not in subject
    for value in ("Eva", "C-2041", "10-03 15:30", "Ana", "Llegó roto", "https://voc.aurora.pe/cases/1", "Aurora"):
        assert value in body
    for word in ("{{", "{%", "None", "!", "¡"):
        assert word not in subject + body


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_missing_leaves_no_hole(language: str) -> None:
    subject, body = render("escalation", language, {"name": "Eva", "due_text": "hoy", "link": "x"})
    assert subject
    assert "None" not in subject + body
    assert "\n\n\n" not in body


def test_languages_differ_and_an_unknown_one_gets_english() -> None:
    texts = {language: render("escalation", language, FULL) for language in LANGUAGES}
    assert len({subject for subject, _ in texts.values()}) == len(LANGUAGES)
    assert render("escalation", "fr", FULL) == texts["en"]


def test_what_a_customer_wrote_is_shown_and_never_run() -> None:
    _, body = render("escalation", "en", FULL | {"voice": "{{ 7 * 7 }}\nline {% raw %}" + "x " * 900})
    assert "{{ 7 * 7 }} line {% raw %}" in body
    assert len(body) < 1000


def test_wrong_use_is_told() -> None:
    with pytest.raises(Invalid, match="nothing"):
        render("nothing", "es", FULL)
    with pytest.raises(Invalid, match="due_text"):
        render("escalation", "es", {"name": "Eva", "link": "x"})


def test_no_file_is_left_over() -> None:
    for name in names():
        wanted = {f"{part}.{language}.txt" for part in ("subject", "body") for language in LANGUAGES}
        assert {path.name for path in (FOLDER / name).iterdir()} == wanted

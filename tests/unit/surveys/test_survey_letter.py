"""The mail that asks: one tap a score, in three languages, with a way out of it; nothing typed becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voc_plugins.survey import Survey as Plugin

from voc.core.errors import Permanent, Temporary
from voc.delivery.asking import asking_mail
from voc.intake.forms import form_to_dict
from voc.plugin import View
from voc.surveys import letter
from voc.surveys.letter import Letter
from voc.surveys.question import survey_of
from voc.surveys.sending import message_id
from voc.surveys.texts import UNSUBSCRIBE_LINK, WORDS

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
LINK, LEAVE = "https://voz.aurora.example/s/TOKEN", "https://voz.aurora.example/u/TOKEN"


def survey(metric: str = "nps") -> Any:
    return survey_of(form_to_dict(Plugin().form(View(options={"metric": metric}))))


def written(**changes: Any) -> Letter:
    values: dict[str, Any] = {
        "survey": survey(), "language": "es", "company": "Aurora", "name": "Ana", "about": "Pedido 88", "link": LINK,
        "unsubscribe": LEAVE, "expires_at": datetime(2026, 4, 3, 2, tzinfo=UTC), "zone": "America/Lima",
        "reminder": False,
    }  # fmt: skip
    return Letter(**(values | changes))


def mail(it: Letter, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "mail_from": "Aurora <ayuda@aurora.example>", "name": it.name or "", "recipient": "ana@correo.example",
        "subject": letter.subject(it), "text": letter.text(it), "html": letter.html(it),
        "own_id": message_id(UUID(int=7), 0, "aurora.example"), "unsubscribe": it.unsubscribe, "now": NOW,
    }  # fmt: skip
    return asking_mail(**(values | changes))


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.found += [value for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("language", ["es", "pt", "en"])
@pytest.mark.parametrize(("metric", "low", "high"), [("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)])
def test_one_link_for_each_score_in_both_forms(language: str, metric: str, low: int, high: int) -> None:
    it = written(survey=survey(metric), language=language)
    wanted = [f"{LINK}?score={step}" for step in range(low, high + 1)]
    assert re.findall(r"https://\S+/s/\S+", letter.text(it)) == wanted
    assert Links(letter.html(it)).found == [*wanted, LEAVE]
    assert it.survey.field.label[language] in letter.text(it)
    assert UNSUBSCRIBE_LINK[language] in letter.html(it)
    assert LEAVE in letter.text(it)


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_every_text_is_there_and_a_reminder_says_so(language: str) -> None:
    words = WORDS[language]
    assert all(vars(words).values()) if hasattr(words, "__dict__") else True
    first, second = written(language=language), written(language=language, reminder=True)
    assert letter.subject(first) != letter.subject(second)
    assert words.ask in letter.text(first)
    assert words.remind in letter.text(second)


@pytest.mark.parametrize(
    ("language", "day"), [("es", "2 de abril de 2026"), ("pt", "2 de abril de 2026"), ("en", "April 2, 2026")]
)
def test_the_last_day_is_that_of_the_house(language: str, day: str) -> None:
    assert day in letter.text(written(language=language))


def test_nothing_in_it_is_fetched_or_watched() -> None:
    page = letter.html(written())
    assert Links(page).tags <= {"html", "head", "meta", "title", "body", "p", "a", "br"}
    assert "<img" not in page
    assert "src=" not in page


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_what_was_typed_never_becomes_markup_or_a_header(company: str, name: str, about: str) -> None:
    it = written(company=company or "x", name=name, about=about)
    found = Links(letter.html(it))
    assert found.found == [*(f"{LINK}?score={step}" for step in range(11)), LEAVE]
    assert "\n" not in letter.subject(it)
    if name.isprintable() and "=?" not in name:
        wire = mail(it)
        head = wire.split(b"\r\n\r\n", 1)[0]
        assert all(line[:1].isspace() or re.match(rb"[A-Za-z-]+: ?", line) for line in head.split(b"\r\n"))


def test_on_the_wire() -> None:
    wire = mail(written(name="Ana Ñuñez"))
    assert wire.isascii()
    assert all(len(line) <= 200 for line in wire.split(b"\r\n"))
    assert b"\n" not in wire.replace(b"\r\n", b"")
    found = message_from_bytes(wire, policy=policy.default)
    assert found["To"].addresses[0].addr_spec == "ana@correo.example"
    assert found["List-Unsubscribe"] == f"<{LEAVE}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Message-ID"] == f"<{UUID(int=7).hex}@aurora.example>"
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n").strip() == letter.text(written(name="Ana Ñuñez")).strip()
    assert html.get_content().replace("\r\n", "\n").strip() == letter.html(written(name="Ana Ñuñez")).strip()


def test_reminders_have_ids_of_their_own_that_stay() -> None:
    ids = [message_id(UUID(int=7), mails, "aurora.example") for mails in (0, 1, 2)]
    assert len(set(ids)) == 3
    assert ids[1] == message_id(UUID(int=7), 1, "aurora.example")


def test_addresses_that_are_none() -> None:
    with pytest.raises(Permanent):
        mail(written(), recipient="ana")
    with pytest.raises(Temporary):
        mail(written(), mail_from="nobody")


def test_a_survey_in_a_language_of_its_own_falls_back() -> None:
    form = Plugin().form(View(options={"languages": ["pt", "en"]}))
    found = survey_of(form_to_dict(form))
    assert found is not None
    assert (found.language("es"), found.language("en"), found.language(None)) == ("pt", "en", "pt")
    assert survey_of(None) is None
    assert survey_of(form_to_dict(replace(form, fields=form.fields[1:]))) is None

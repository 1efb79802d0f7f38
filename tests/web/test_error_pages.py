"""Pages for what is not there, what was not asked right and what is too much: in the reader's words, with a way on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from voc.core.errors import Busy
from voc.core.vocabulary import RoleName
from voc.web.errors import too_large

NOT_THERE = {"es": "No hay nada en esta dirección", "pt": "Não há nada neste endereço", "en": "There is nothing at"}
TAGS = {"es": "es", "pt": "pt-BR", "en": "en"}


def buttons(page: str) -> list[str]:
    """Where the buttons of a page lead."""
    return re.findall(r'<a class="button[^"]*" href="([^"]+)"', page)


@pytest.mark.parametrize("language", ["es", "pt", "en"])
@pytest.mark.parametrize("path", ["/cases/zz", "/feedback/zz", "/nowhere/at/all", "/inbox/"])
def test_what_is_not_there_is_said_in_the_readers_own_language(desk: Any, language: str, path: str) -> None:
    desk.hire("Rosa", RoleName.MANAGER, language=language)
    browser = desk.browser("Rosa")
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "pt" if language != "pt" else "en"
    answer = browser.visit(path)
    assert answer.status_code == 404
    assert f'<html lang="{TAGS[language]}">' in answer.text
    assert NOT_THERE[language] in answer.text
    assert buttons(answer.text) == ["/"]
    wrong = browser.client.put("/inbox")
    assert wrong.status_code == 405
    assert f'<html lang="{TAGS[language]}">' in wrong.text


def test_a_customer_is_not_sent_to_the_door_of_those_who_work_here(desk: Any) -> None:
    browser = desk.browser()
    for path in ("/nowhere", "/f/nothing", "/t/a/b", "/f"):
        answer = browser.visit(path)
        assert answer.status_code == 404
        assert buttons(answer.text) == ["/t/?lang=en"], path
        assert answer.text.count('href="/t/?lang=en"') == 1
        assert 'href="/"' not in answer.text
        assert "Set-Cookie" not in answer.headers
    assert browser.visit("/t/?lang=en").status_code == 200


def test_somebody_whose_session_ended_is_shown_the_door(desk: Any) -> None:
    answer = desk.browser().visit("/cases/zz")
    assert answer.status_code == 404
    assert buttons(answer.text) == ["/login?lang=en"]


def test_a_customers_page_asks_for_nobody_even_when_somebody_is_signed_in(desk: Any) -> None:
    browser = desk.browser("Camila")
    assert desk.statements(lambda: browser.visit("/f/nothing/at/all")) == 0
    assert buttons(browser.last.text) == ["/t/?lang=en"]


def test_a_database_that_does_not_answer_changes_nothing_about_it(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = desk.browser("Camila")

    def busy(*_: Any, **__: Any) -> None:
        raise Busy

    monkeypatch.setattr("voc.web.account.library.Datastore.find_user", busy)
    answer = browser.visit("/cases/zz")
    assert answer.status_code == 404
    assert NOT_THERE["en"] in answer.text
    assert buttons(answer.text) == ["/"]
    assert browser.visit("/inbox").status_code == 503


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Un texto más corto sí pasará"), ("pt", "Um texto mais curto"), ("en", "A shorter text will get through")],
)
def test_too_much_for_the_server_is_answered_with_a_page(desk: Any, language: str, words: str) -> None:
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/f/feedback", "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "HTTP_ACCEPT_LANGUAGE": f"{language}-419, de;q=0.5",
    }  # fmt: skip
    status, headers, body = too_large(desk.app)(environ)
    assert status.startswith("413 ")
    found = dict(headers)
    assert found["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in found["Content-Security-Policy"]
    assert "Set-Cookie" not in found
    page = body.decode()
    assert words in page
    assert f'<html lang="{TAGS[language]}">' in page
    assert buttons(page) == []

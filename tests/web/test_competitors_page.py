"""The page of competitors: what managers type is kept, what is wrong is shown again."""

from __future__ import annotations

from typing import Any


def test_only_managers_come_in(desk: Any) -> None:
    agent = desk.browser("Camila")
    assert agent.visit("/competitors").status_code == 403
    assert agent.send("/competitors", names="Ágora").status_code == 403
    assert desk.browser().send("/competitors", names="Ágora").status_code in (302, 400, 401)


def test_names_are_kept_one_a_line(desk: Any) -> None:
    browser = desk.browser("Patricia")
    assert 'href="/competitors"' in browser.visit("/topics").text
    assert browser.send("/competitors", names="Tiendas Ágora\r\n\r\nOI\r\nOI").status_code == 303
    assert "\nTiendas Ágora\nOI</textarea>" in browser.visit("/competitors").text


def test_what_is_wrong_is_shown_again(desk: Any) -> None:
    browser = desk.browser("Patricia")
    wrong = browser.send("/competitors", names="Ágora\r\n!!\r\n<b>")
    assert wrong.status_code == 422
    assert "A name needs a letter or a digit." in wrong.text
    assert "&lt;b&gt;</textarea>" in wrong.text
    assert "Ágora" not in browser.visit("/competitors").text

"""Every page at four widths, light and dark, in three languages: nothing overflows, nothing is faint or nameless.

With `TESTS_SHOTS=folder` the pages are also kept as pictures, for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Shop
from tests.browser.furnishing import Furnished, furnish_shop
from tests.browser.screen import DESKTOP, Screen
from voc.core.vocabulary import RoleName
from voc.web.languages import TAGS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
SHOTS = os.environ.get("TESTS_SHOTS", "")
# Which widths each language is looked at, and in which colours: not every pair, but every width in light and dark.
LOOKS: dict[str, dict[int, tuple[str, ...]]] = {
    "es": {320: ("light",), 390: (), 768: ("dark",), 1400: ("light",)},
    "pt": {320: (), 390: ("dark",), 1400: ("dark",)},
    "en": {320: ("dark",), 390: ("light",), 768: ("light",)},
}
CONTROLS = {
    "button", "checkbox", "combobox", "DisclosureTriangle", "link", "listbox", "menuitem", "option", "radio",
    "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "MenuListPopup",
}  # fmt: skip
STOPS = 5


@pytest.fixture(scope="session")
def furnished(shop: Shop) -> Furnished:
    return furnish_shop(shop)


def public_pages(there: Furnished) -> Iterator[tuple[str, str]]:
    """Name and path of what customers see, and of the door."""
    yield "form", "/f/feedback"
    yield "thanks", there.thanks
    yield "status", there.status
    yield "status-bare", f"/t/{there.code}"
    yield "look-up", "/t/"
    yield "look-up-404", "/t/ZZZZZZ"
    yield "404", "/nothing/here"
    yield "login", "/login?next=/inbox"
    yield "link-gone", "/welcome/nothing"


def inner_pages(there: Furnished) -> Iterator[tuple[str, str]]:
    """Name and path of what people who work here see."""
    yield "morning", "/insights"
    yield "inbox", "/inbox"
    yield "inbox-resolved", "/inbox?queue=resolved"
    yield "case", f"/cases/{there.case}"
    yield "case-answered", f"/cases/{there.answered}"
    yield "waive", f"/cases/{there.case}?open=waive-{there.obligation}"
    yield "judge", "/judge"
    yield "feedback-list", "/feedback"
    yield "feedback-found", "/feedback?q=lleg*&period=7"
    yield "feedback-not-found", "/feedback?q=nunca"
    yield "customers", "/customers"
    yield "customers-none", "/customers?q=zz"
    yield "customer", f"/customers/{there.customer}"
    yield "feedback", f"/feedback/{there.feedback}"
    yield "feedback-alike", f"/feedback/{there.feedback}/alike"
    yield "topics", "/topics"
    yield "users", "/settings/users"
    yield "account", "/account"
    yield "house", "/status"
    yield "404-inside", "/cases/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_pages(language: str, shop: Shop, furnished: Furnished, browser: Callable[..., Screen]) -> None:
    look = Look(browser(DESKTOP, language), language)
    for name, path in public_pages(furnished):
        look.at(name, path)
    look.screen.visit("/f/feedback").go("form[data-keep] button[type=submit]")
    look.over("form-wrong")
    look.at("welcome", shop.link("Lucía", role=RoleName.ADMIN, language=language))
    look.screen.go("main button[type=submit]")
    look.over("welcomed")
    for name, path in inner_pages(furnished):
        look.at(name, path)
    look.screen.visit("/inbox").run("document.getElementById('keys').showModal()")
    look.over("keys")
    assert not look.wrong, "\n".join(look.wrong)


class Look:
    """A careful look at page after page; what is wrong is written down and the look goes on."""

    def __init__(self, screen: Screen, language: str) -> None:
        self.screen, self.language = screen, language
        # What hardly depends on the language is looked at in one of them.
        self.thorough = language == "es"
        self.wrong: list[str] = []

    def at(self, name: str, path: str) -> None:
        self.screen.visit(path)
        self.over(name)

    def over(self, name: str) -> None:
        """The page that is open."""
        self.said(name, [line for line in self.screen.complaints() if "the server responded with" not in line])
        if self.screen.language() != TAGS[self.language]:
            self.said(name, [f"speaks {self.screen.language()}"])
        self.said(name, self.check("misbuilt()"))
        self.said(name, self.nameless())
        if self.thorough:
            self.said(f"{name} focus", self.unseen_focus())
        self.screen.run("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
        for width, schemes in LOOKS[self.language].items():
            self.screen.resize(width)
            self.said(f"{name} {width}", self.check("overflowing()"))
            if self.thorough and width in (320, 1400):
                self.said(f"{name} {width} focus", self.check("covered()"))
            for scheme in schemes:
                self.screen.paint(scheme)
                self.said(f"{name} {width} {scheme}", self.check("faint()"))
                self.keep(f"{name}-{width}-{scheme}-{self.language}", width)
        self.screen.resize(*DESKTOP)

    def said(self, where: str, lines: list[str]) -> None:
        self.wrong += [f"{self.language} {where}: {line}" for line in lines]

    def check(self, call: str) -> Any:
        return self.screen.run(f"{CHECKS}; return {call}")

    def nameless(self) -> list[str]:
        """Controls that a screen reader has no name for."""
        nodes = self.screen.tell("Accessibility.getFullAXTree")["nodes"]
        bare = [
            node["backendDOMNodeId"]
            for node in nodes
            if not node["ignored"]
            and node["role"]["value"] in CONTROLS
            and not node.get("name", {}).get("value", "").strip()
        ]
        found = [self.screen.tell("DOM.describeNode", backendNodeId=key)["node"] for key in bare]
        lines = [f"no name: <{node['localName']} {' '.join(node.get('attributes', []))}>" for node in found]
        return [line for line in lines if " pseudo " not in line]

    def unseen_focus(self) -> list[str]:
        """The first stops of the tab key that do not show that they have the focus."""
        self.screen.run(
            f"{CHECKS}; window.stops = []; addEventListener('focusin', () => window.stops.push(unfocused()))"
        )
        self.screen.tab(STOPS)
        return [stop for stop in self.screen.run("return window.stops") if stop]

    def keep(self, name: str, width: int) -> None:
        """A picture of the page in its whole height."""
        if SHOTS:
            self.screen.resize(width, self.screen.run("return Math.max(844, document.documentElement.scrollHeight)"))
            self.screen.driver.save_screenshot(str(Path(SHOTS) / f"{name}.png"))
            self.screen.resize(width)

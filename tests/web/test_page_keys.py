"""The key of a page leads on in its own list only: elsewhere it would leave people out without a word."""

from __future__ import annotations

import re
from typing import Any


def test_a_key_of_another_page_is_refused(desk: Any) -> None:
    for number in range(51):
        desk.say(f"Bad {number}", 1, work=False)
    desk.work()
    browser = desk.browser("Camila")
    more = re.search(r'href="/inbox([^"]+)" rel="next"', browser.visit("/inbox?order=due").text)
    assert more
    key = more[1].replace("&amp;", "&").split("after=")[1]
    for path in ("/inbox?", "/inbox?queue=team&order=due&", "/inbox?queue=resolved&", "/feedback?", "/judge?"):
        assert browser.visit(f"{path}after={key}").status_code == 422, path
    assert browser.visit(f"/inbox?order=due&after={key}").status_code == 200

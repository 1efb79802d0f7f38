"""docs/plugins/checking.md: its code works, and what it says of the kit is so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner

from voc.cli.plugin_check import check
from voc.cli.plugin_new import new
from voc.testkit import RULES, Fixtures, Said
from voc.testkit.rules.loading import FEATURES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "checking.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def made(number: int) -> dict[str, Any]:
    """What a block of the page defines."""
    space: dict[str, Any] = {"__name__": "page"}
    exec(compile(blocks()[number], str(PAGE), "exec"), space)
    return space


def test_the_fixtures_of_the_page() -> None:
    found: Fixtures = made(0)["AcmeFixtures"]()
    assert found.raw(Said(text="Malo")).body == b'{"id": "m-1", "text": "Malo"}'
    assert found.samples[0].expected[0].text == "Malo"  # type: ignore[union-attr]
    assert set(found.cannot) <= {*FEATURES, *RULES}


def test_the_vendor_of_the_page() -> None:
    with made(2)["Acme"].running() as vendor:
        vendor.put(Said(text="Malo"))
        token = {"Authorization": "Bearer a-made-up-token"}
        assert requests.get(f"{vendor.url}/x", timeout=5).status_code == 401
        assert [item["text"] for item in requests.get(f"{vendor.url}/x", headers=token, timeout=5).json()] == ["Malo"]
        for _ in range(2):
            answer = requests.post(vendor.url, data=b"ya va", headers={**token, "Idempotency-Key": "k"}, timeout=5)
            assert answer.json() == {"id": "a-0"}
        assert [(item.key, item.text) for item in vendor.got] == [("k", "ya va")]
        vendor.trouble = "busy"
        answer = requests.get(vendor.url, timeout=5)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        vendor.reset()
        vendor.trouble = None
        assert requests.get(vendor.url, headers=token, timeout=5).json() == []


def test_the_ids_of_the_page() -> None:
    found: Fixtures = made(1)["ByNumber"]()
    raw = json.loads(found.raw(Said(answers="sent-1")).body)
    assert str(raw["reply_to"]) == found.vendor_id("sent-1") != found.vendor_id("m-1") == str(raw["message_id"])


def test_the_blunt_vendor_of_the_page() -> None:
    with made(3)["Blunt"].running() as vendor:
        said = []
        for trouble in ("denied", "gone", "busy"):
            vendor.trouble = trouble
            answer = requests.post(vendor.url, timeout=5)
            said.append((answer.status_code, answer.json()["reason"], answer.json().get("retry_after")))
            assert "Retry-After" not in answer.headers
    assert said == [(403, "the token is invalid", None), (403, "blocked", None), (429, "too many requests", 7)]


def test_the_first_channel_of_the_docs_is_bronze(tmp_path: Path) -> None:
    page = (PAGE.parents[1] / "plugins.md").read_text(encoding="utf-8")
    files = re.findall(r"`instance/plugins/(canteen/[\w.]+)`\n\n```\w+\n(.*?)```", page, re.DOTALL)
    assert [path for path, _ in files] == [f"canteen/{name}" for name in ("plugin.toml", "__init__.py", "fixtures.py")]
    for path, text in files:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    done = CliRunner().invoke(check, [str(tmp_path / "canteen"), "--level", "bronze", "--all"])
    assert done.exit_code == 0, done.output
    assert "✓ unreadable" in done.output
    assert done.output.splitlines()[-1] == "canteen: bronze, 2 rules left out"


def test_the_page_names_real_options() -> None:
    flags = {flag for command in (check, new) for item in command.params for flag in item.opts}
    assert set(re.findall(r"--[a-z]+", PAGE.read_text(encoding="utf-8"))) <= flags


def test_the_sentence_of_the_page_is_the_sentence_of_the_rule() -> None:
    assert RULES["score-zero"].mend in PAGE.read_text(encoding="utf-8")

"""Visible text, from a table of written cases: `visible_text/es.txt`, `pt.txt`, `en.txt`.

A case is `%%% name`, the mail's text, `%%% visible`, and what the author wrote now.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from voc.process.parsing.visible import visible

FOLDER = Path(__file__).with_name("visible_text")


def cases() -> list[pytest.param]:
    """(text, expected) with the name as id."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        parts = re.split(r"^%%% (.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        for name, text, mark, expected in zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True):
            assert mark == "visible", name
            found.append(pytest.param(text, expected.strip("\n"), id=f"{path.stem}: {name}"))
    return found


@pytest.mark.parametrize(("text", "expected"), cases())
def test_visible_text(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_there_are_enough_cases() -> None:
    assert len(cases()) >= 60


def test_a_reply_that_only_quotes_has_nothing_new() -> None:
    block = "De: Aurora <ayuda@aurora.example>\nEnviado: lunes\nPara: Ana\nAsunto: Mi pedido\n\nHola Ana.\n"
    assert visible(block, reply=True) == ""
    assert visible(block, reply=False) == "Hola Ana."


def test_words_below_a_signature_that_stands_first_are_not_lost() -> None:
    assert visible("-- \nAna\nno llegó mi pedido") == "Ana\nno llegó mi pedido"


@pytest.mark.parametrize(
    "line",
    [
        "2026/01/01 " + " <" * 100_000 + "@" * 100_000,
        "El lun 3 mar 2026 10:00 " + "escribió " * 50_000 + ":",
        "Am 3. " + " schrieb " * 50_000 + ":",
        "De: " + "Enviado: Para: " * 50_000,
        "-" * 300_000,
        "este mensaje " * 50_000,
        "On 1 " * 100_000,
    ],
)
def test_hostile_lines_cost_no_more_than_their_length(line: str) -> None:
    assert len(visible(f"hola\n{line}\n" * 3)) <= 200_000

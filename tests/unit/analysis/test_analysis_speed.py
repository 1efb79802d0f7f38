"""What the speed of analysis rests on: nothing loaded early, work linear in the text, memories that are bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from voc.analysis import folding
from voc.analysis.folding import Words, fold, read, tokens
from voc.analysis.linear.analyzer import shipped_analyzer
from voc.analysis.linear.artifact import shipped
from voc.analysis.linear.table import packed, table, unpacked
from voc.analysis.remembering import LONGEST, Remembered
from voc.analysis.run import analyze
from voc.core.vocabulary import LANGUAGES
from voc.runtime import Runtime

_LOADED = "print(json.dumps([name for name in sys.modules if name.startswith('voc.analysis.linear') or name in LATE]))"
_START = """
import json, sys
from pathlib import Path
from voc.core.settings import load
from voc.runtime.instance import open_instance
from voc.app.factory import create_app
LATE = ("voc.analysis.language", "textblob", "nltk", "numpy")
runtime = open_instance(load({}, instance=Path(sys.argv[1])), create=False)
create_app(runtime)
"""
HOSTILE = (
    "a",
    "!",
    "é",
    "e\u0301",
    "a ",
    "x@y ",
    "x@",
    "a'",
    "no ",
    "(!) ",
    "mas, ",
    "\U0001f621 ",
    "zz://",
    "never again ",
)


def test_a_start_loads_nothing_of_the_model(sqlite_runtime: Runtime) -> None:
    command = [sys.executable, "-c", _START + _LOADED, str(sqlite_runtime.settings.instance)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_model_that_ships_judges_without_textblob() -> None:
    code = (
        "import json, sys; from voc.analysis.hosted import analyze_hosted, shipped_host; LATE = ('textblob', 'numpy')\n"
        "analyze_hosted(shipped_host(), 'Pésima atención, pero rica comida')\n" + _LOADED
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = json.loads(done.stdout)
    assert "voc.analysis.linear.analyzer" in loaded
    assert not {"textblob", "numpy"} & set(loaded)


def steps(work: Callable[[], Any]) -> int:
    """How many lines of Python a call runs: the same on every machine."""
    count = 0

    def line(*_: object) -> Any:
        nonlocal count
        count += 1
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_with_the_text(piece: str) -> None:
    analyzers = dict.fromkeys(LANGUAGES, shipped_analyzer())
    short, long = ((piece * 8_000)[:size] for size in (2_000, 8_000))
    for text in (short, long):
        analyze(text, hint="pt", analyzers=analyzers)  # everything is loaded and remembered
    few, many = (steps(partial(analyze, text, hint="pt", analyzers=analyzers)) for text in (short, long))
    assert many <= 4.5 * few + 2_000
    assert many <= 100 * len(long)  # evidence is weighed again at most twelve times


def test_a_memory_is_bounded_and_keeps_no_long_key() -> None:
    asked: list[str] = []

    def size(key: str) -> int:
        asked.append(key)
        return len(key)

    memory: Remembered[int] = Remembered(size, 3)
    assert [memory[key] for key in ("a", "bb", "a", "ccc")] == [1, 2, 1, 3]
    assert asked == ["a", "bb", "ccc"]
    assert memory["d"] == 1
    assert list(memory) == ["d"]
    assert memory["x" * (LONGEST + 1)] == LONGEST + 1
    assert list(memory) == ["d"]


def test_packed_rows_are_the_weights() -> None:
    numbers = [0, -1, 127, -128, 5_000_000_000, -5_000_000_000]
    assert unpacked(packed(numbers), len(numbers)) == numbers
    twice = [2 * number for number in numbers]
    assert unpacked(packed(numbers) + packed(numbers), len(numbers)) == twice
    for made in (table("ab", bytes([1, 255, 128, 127]), 0.5, (0, 0)), *shipped().tables.values()):
        rows, count = made.rows(packed), len(made.columns)
        for place in range(0, len(rows), max(1, len(rows) // 997)):
            assert unpacked(rows[place], count) == [column[place] for column in made.columns]


def test_a_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[str] = []

    def counted(folded: folding.Folded) -> Words:
        cut.append(folded.text)
        return tokens(folded)

    monkeypatch.setattr(folding, "tokens", counted)
    text = "Todo bien con la entrega, gracias por la ayuda"
    said = analyze(text, hint="es", analyzers=dict.fromkeys(LANGUAGES, shipped_analyzer()))
    assert said.sentiment.label == "positive"
    assert cut == [fold(text).text]
    assert read(text) is read(text)


def test_words_are_a_sequence_of_tokens() -> None:
    words = tokens(fold("Sí, señor: «no» llegó…"))
    assert [token.word for token in words] == ["si", "senor", "no", "llego"]
    assert words[1] == words[1:3][0] == list(words)[1]
    assert (words[0].gap, words[1].gap, words.tail) == ("", ", ", "...")
    again = Words.of(words)
    assert list(again) == list(words)
    assert len(Words.of([])) == 0

"""`voc analyze`: text in, what it says out; line by line, in order, whatever the lines are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from voc.core.settings import Settings

HOSTILE: list[bytes] = [
    b'{"text":"a\\u0000b \\ud800 terrible"}',
    b'{"text":"' + b"bad " * 25_000 + b'"}',
    b'{"text":"' + b"!" * 100_000 + b'"}',
    b"[" * 100_000,
    b'{"text":"x","y":NaN}',
    b"7",
    b'{"text":null}',
    b'{"text":["x"]}',
    b"{}",
    b"",
    b"\xff\xfe",
    b'{"text":"x","lang":"elvish"}',
    b'{"text":""}',
    b'{"text":"\\u202e\\u200b"}',
]
ANSWERED = {0, 1, 2, 12, 13}
KEYS = [
    "language", "label", "score", "probability", "stance", "topics", "opinions", "urgency", "flags", "evidence",
    "analyzer",
]  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    """Nothing of voc is set but an instance that is not there."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
    return {**clean, "VOC_INSTANCE": str(folder / "nowhere")}


def voc(folder: Path, *arguments: str, given: bytes = b"", **extra: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "voc", "analyze", *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, env={**environment(folder), **extra}, timeout=120, check=False
    )
    assert not (folder / "nowhere").exists(), "nothing is made"
    return done


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_a_line_says(tmp_path: Path) -> None:
    text = "😀 I love the app, I love it. Great service. My lawyer will call you."
    done = voc(tmp_path, "--jsonl", given=json.dumps({"text": text, "lang": None, "id": 3}).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    (found,) = answers(done)
    assert list(found) == KEYS
    assert (found["language"], found["stance"], found["flags"]) == ("en", "detractor", ["legal"])
    assert found["label"] in ("negative", "neutral", "positive", "unknown")
    assert -1 <= found["score"] <= 1
    spans = [*found["evidence"], *(opinion["span"] for opinion in found["opinions"])]
    assert spans
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert any("love" in text[start:end] for start, end in found["evidence"]), "code points, past an emoji too"
    assert set(found["topics"]) == {opinion["topic"] for opinion in found["opinions"]}


def test_unknown_has_no_probability(tmp_path: Path) -> None:
    done = voc(tmp_path, "--jsonl", given=b'{"text":"1234 5678"}\n')
    (found,) = answers(done)
    assert (found["language"], found["label"], found["probability"], found["score"]) == (None, "unknown", None, 0)
    assert (found["stance"], found["analyzer"], found["evidence"]) == ("unknown", None, [])


def test_order_is_kept_and_no_line_stops_the_others(tmp_path: Path) -> None:
    good = [f'{{"text":"Great app number {number}"}}'.encode() for number in range(len(HOSTILE))]
    given = b"\n".join(line for pair in zip(HOSTILE, good, strict=True) for line in pair)
    done = voc(tmp_path, "--jsonl", given=given)
    found = answers(done)
    assert (done.returncode, done.stderr, len(found)) == (1, b"", 2 * len(HOSTILE))
    assert all(list(answer) == KEYS and answer["language"] == "en" for answer in found[1::2])
    refused = {index for index, answer in enumerate(found[::2]) if list(answer) == ["error"]}
    assert refused == set(range(len(HOSTILE))) - ANSWERED
    assert all(
        answer["error"].isprintable() and len(answer["error"]) < 200 for answer in found[::2] if "error" in answer
    )


def test_each_answer_is_of_its_own_line(tmp_path: Path) -> None:
    """The topics of line n spell n in binary."""
    words = {"delivery": "delivery", "price": "price", "staff": "staff"}
    told = [[word for bit, word in enumerate(words) if number >> bit & 1] for number in range(8)] * 8
    given = b"".join(
        json.dumps({"text": f"The {' and the '.join(words) or 'thing'}."}).encode() + b"\n" for words in told
    )
    found = [
        [topic for topic in words if topic in answer["topics"]]
        for answer in answers(voc(tmp_path, "--jsonl", given=given))
    ]
    assert found == told


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    done = voc(tmp_path, "--jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_whoever_waits_for_an_answer_has_it_and_may_leave(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "voc", "analyze", "--jsonl"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(tmp_path)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for text in (b"Great", b"Awful"):
            process.stdin.write(b'{"text":"%s service"}\n' % text)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["language"] == "en", "before the next line is there"
        process.stdout.close()
        process.stdin.write(b'{"text":"Great service"}\n' * 10)
        process.stdin.close()
        assert process.stderr.read() == b"", "nobody listens any more: no word about it"
        assert process.wait(30) != 0


def test_for_people(tmp_path: Path) -> None:
    said = voc(tmp_path, "Terrible", "service,", "I", "will", "sue", "you")
    piped = voc(tmp_path, given=b"Terrible service, I will sue you")
    assert (said.returncode, said.stdout) == (0, piped.stdout)
    text = said.stdout.decode()
    for word in ("language   en", "stance     detractor", "risk       legal: “", "evidence   “Terrible"):
        assert word in text


def test_what_a_text_holds_does_not_reach_the_terminal(tmp_path: Path) -> None:
    done = voc(tmp_path, given=b"terrible \x1b[2Jservice \xc2\x9b31m delivery\xff was bad\r\nbad")
    assert done.returncode == 0
    assert all(char.isprintable() or char == "\n" for char in done.stdout.decode())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [((), "there is no text"), ((" ",), "there is no text"), (("a", "--jsonl"), "standard input"),
     (("a", "--language", "elvish"), "must be a language")],
)  # fmt: skip
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = voc(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()


def test_settings_of_an_instance_do_not_matter_without_it(tmp_path: Path) -> None:
    wrong = {"VOC_DATABASE_URL": "nonsense://", "VOC_PORT": "many"}
    assert voc(tmp_path, "Great", **wrong).returncode == 0
    asked = voc(tmp_path, "Great", "--instance", **wrong)
    assert asked.returncode == 1
    assert b"VOC_PORT" in asked.stderr


def test_an_instance_that_was_never_started(tmp_path: Path) -> None:
    done = voc(tmp_path, "Great", "--instance")
    assert (done.returncode, b"never started" in done.stderr) == (1, True)


def test_with_the_plugins_of_the_instance(sqlite_settings: Settings, tmp_path: Path) -> None:
    plugin = sqlite_settings.instance / "plugins" / "judging"
    plugin.mkdir(parents=True)
    (plugin / "plugin.toml").write_text('name = "judging"\ncontract = 1\nkinds = []\nanalyzers = ["judge"]\n')
    (plugin / "__init__.py").write_text(
        "from voc.plugin import Sentiment, hookimpl\n"
        "class Judge:\n    name, version, languages = 'judge', '1', frozenset({'es', 'pt'})\n"
        "    def analyze(self, text, language):\n        return Sentiment('negative', 0.9, -0.5)\n"
        "@hookimpl\ndef voc_analyzers():\n    return [Judge()]\n"
    )
    here = {"VOC_INSTANCE": str(sqlite_settings.instance)}
    line = json.dumps({"text": "El pedido llegó tarde y nadie contesta.", "lang": "es"}).encode()
    (found,) = answers(voc(tmp_path, "--jsonl", "--instance", given=line, **here))
    assert (found["analyzer"], found["stance"], found["score"]) == ("judge", "detractor", -0.5)
    (found,) = answers(voc(tmp_path, "--jsonl", given=line, **here))
    assert found["analyzer"] != "judge", "only when it is asked for"

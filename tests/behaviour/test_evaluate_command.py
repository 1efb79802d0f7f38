"""`voc evaluate`: figures of labelled files, or a sentence for every line that cannot be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LINES = [
    {"text": "Terrible service, I hate it", "lang": "en", "label": "negative"},
    {"text": "Great service, I love it", "lang": "en-US", "label": "positive"},
    {"text": "Great service, I love it", "lang": "en", "label": "negative", "source": "irony"},
    {"text": "1234", "lang": None, "label": "neutral"},
]


def voc(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run the command without any instance."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
    command = [sys.executable, "-m", "voc", "evaluate", *map(str, arguments)]
    env = {**clean, "VOC_INSTANCE": os.devnull}
    done = subprocess.run(command, input=given, capture_output=True, env=env, timeout=120, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def put(path: Path, lines: list[Any]) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def test_figures_by_language_and_source(tmp_path: Path) -> None:
    done = voc(put(tmp_path / "forms.jsonl", LINES), "--json", "--worst", "1")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    rows = {(row["language"], row["kind"], row["source"]): row for row in report["rows"]}
    assert list(rows) == [
        ("en", "all", ""), ("en", "source", "forms"), ("en", "source", "irony"), ("en", "mean", ""),
        ("und", "all", "forms"),
    ]  # fmt: skip
    assert [rows["en", "source", name]["accuracy"] for name in ("forms", "irony")] == [1, 0]
    assert rows["en", "mean", ""]["accuracy"] == 0.5
    assert rows["en", "all", ""]["negative_recall"] == 0.5
    assert (rows["und", "all", "forms"]["unknown"], rows["und", "all", "forms"]["language_accuracy"]) == (1, 1)
    assert [(wrong["source"], wrong["label"], wrong["answer"]) for wrong in report["worst"]] == [
        ("irony", "negative", "positive")
    ]


def test_for_people_and_for_pages(tmp_path: Path) -> None:
    file = put(tmp_path / "forms.jsonl", LINES)
    plain, page = voc(file), voc(file, "--format", "markdown", "--worst", "0")
    assert plain.stdout.startswith("language")
    assert "worst mistakes" in plain.stdout
    assert page.stdout.startswith("| language | source | n |")
    assert "mistakes" not in page.stdout


def test_what_can_be_read_only_once(tmp_path: Path) -> None:
    file = put(tmp_path / "standard input", LINES)
    assert voc("-", "--json", given=file.read_bytes()).stdout == voc(file, "--json").stdout


def test_bad_lines_are_named_and_nothing_is_counted(tmp_path: Path) -> None:
    good = put(tmp_path / "good.jsonl", LINES)
    bad = put(tmp_path / "bad.jsonl", [LINES[0], "{", "", {"text": "a", "lang": "en", "label": "mixed"}])
    done = voc(good, bad)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"voc: {bad}:2: the line is no JSON: ")
    assert second == f'voc: {bad}:4: "label" must be negative, neutral or positive, not "mixed"'


def test_a_file_of_nothing_but_bad_lines_does_not_flood(tmp_path: Path) -> None:
    done = voc(put(tmp_path / "bad.jsonl", ["null"] * 5_000))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 21
    assert done.stderr.endswith("voc: and 4,980 more lines\n")


@pytest.mark.parametrize("lines", [[], ["", ""]])
def test_nothing_to_count(tmp_path: Path, lines: list[str]) -> None:
    done = voc(put(tmp_path / "empty.jsonl", lines))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "voc: there is not one text in there\n")


def test_the_same_file_does_not_count_twice(tmp_path: Path) -> None:
    file = put(tmp_path / "forms.jsonl", LINES)
    (tmp_path / "link.jsonl").symlink_to(file)
    done = voc(file, tmp_path / "link.jsonl")
    assert (done.returncode, "twice" in done.stderr) == (2, True)


def test_wrong_usage(tmp_path: Path) -> None:
    assert voc().returncode == 2
    assert voc(tmp_path / "nowhere.jsonl").returncode == 2
    assert voc(tmp_path).returncode == 2


def test_large_files_show_how_far_it_is(tmp_path: Path) -> None:
    done = voc(put(tmp_path / "large.jsonl", LINES * 300), "--json")
    assert done.stderr.splitlines() == ["500 of 1,200 texts", "1,000 of 1,200 texts", "1,200 of 1,200 texts"]
    assert json.loads(done.stdout)["rows"][0]["n"] == 900


def test_told_the_language(tmp_path: Path) -> None:
    """A word that two languages share: what the channel says decides, if somebody says it."""
    file = put(tmp_path / "short.jsonl", [{"text": "casa", "lang": "pt"}, {"text": "casa", "lang": "es"}])
    alone, told = (json.loads(voc(file, "--json", *more).stdout)["rows"] for more in ((), ("--told",)))
    assert sum(row["language_accuracy"] for row in alone) <= 1
    assert [row["language_accuracy"] for row in told] == [1, 1]

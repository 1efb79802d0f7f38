"""A link that a command prints leads to where the server really is, or says that it is a guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voc.cli import cli
from voc.core.settings import Settings
from voc.process.lock import InstanceLock
from voc.runtime.address import LOCK

ADD = ("user", "add", "rosa@aurora.example", "--role", "agent")
LINK = ("user", "link", "admin@localhost")
CHANNEL = ("channel", "add", "webform", "Tienda")


@pytest.fixture
def place(sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The instance that commands use, and its lock."""
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    monkeypatch.delenv("VOC_BASE_URL", raising=False)
    return sqlite_settings.instance / LOCK


def run(*words: str) -> Result:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 1, "the link stands alone on standard output"
    return done


@pytest.mark.parametrize("words", [ADD, LINK, CHANNEL])
def test_the_link_leads_to_the_server_that_runs(place: Path, words: tuple[str, ...]) -> None:
    with InstanceLock(place) as lock:
        lock.announce("http://127.0.0.1:43117")
        done = run(*words)
    assert done.stdout.startswith("http://127.0.0.1:43117/")
    assert done.stderr == ""


@pytest.mark.parametrize("words", [ADD, LINK, CHANNEL])
def test_without_a_server_it_says_that_it_guesses(
    place: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("VOC_PORT", "8099")
    place.write_text("4711\nhttp://127.0.0.1:43117\n")  # of one that was killed
    done = run(*words)
    assert done.stdout.startswith("http://127.0.0.1:8099/")
    assert "assumed" in done.stderr
    assert "VOC_BASE_URL" in done.stderr


def test_a_server_that_has_no_address_yet_is_no_help(place: Path) -> None:
    with InstanceLock(place):
        assert "assumed" in run(*LINK).stderr


def test_the_address_that_was_set_is_the_one(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_BASE_URL", "https://voz.example.com")
    with InstanceLock(place) as lock:
        lock.announce("http://127.0.0.1:43117")
        done = run(*LINK)
    assert done.stdout.startswith("https://voz.example.com/welcome/")
    assert done.stderr == ""

"""`voc plugin play`: the fixtures' vendor by hand. What it says can be fetched, what is sent there is shown."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import SetClock
from voc.cli import cli
from voc.core.clock import utc_now
from voc.core.errors import Invalid, NotFound
from voc.core.settings import Settings
from voc.plugin import Outbound, TryLater
from voc.testkit import Desk
from voc.testkit.playing import playing
from voc.testkit.plugin import Located
from voc.testkit.scaffold import write

Player = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    can = frozenset({"FETCH", "SEND"})
    write(tmp_path, "acme", kind="acme_chat", title="Acme's chat", capabilities=can)
    return tmp_path / "acme"


@pytest.fixture
def play(project: Path) -> Iterator[Player]:
    """Start it as somebody would; it is ended when the test is over."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        arguments = [sys.executable, "-m", "voc", "plugin", "play", str(project), *words]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        started.append(
            subprocess.Popen(arguments, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True, bufsize=1)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(timeout=30)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def channel_of(project: Path) -> Any:
    spec = importlib.util.spec_from_file_location("acme_played", project / "acme" / "__init__.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.AcmeChatChannel()


def options_of(command: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in command[command.index("--option") + 1 :: 2])


def fetched(channel: Any, desk: Desk, after: int) -> list[str]:
    return [json.loads(item.body)["text"] for item in channel.fetch(desk.ctx(), {"after": after}).items]


def test_it_is_played_until_somebody_ends_it(
    project: Path, play: Player, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = play()
    assert running.stdout is not None
    assert running.stdin is not None
    lines = [running.stdout.readline().rstrip("\n") for _ in range(5)]
    command = shlex.split(lines[0])
    assert command[:5] == ["voc", "channel", "add", "acme_chat", "Acme's chat"]
    assert lines[2] == "a customer says: El pedido llegó tarde y la caja venía abierta. (nps 0)"
    # The command is right as it stands.
    shutil.copytree(project / "acme", sqlite_settings.instance / "plugins" / "acme")
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    added = CliRunner().invoke(cli, command[1:])
    assert (added.exit_code, added.stdout) == (0, "acme-s-chat\n")

    channel = channel_of(project)
    with Desk({name: value for name, value in options_of(command).items() if name != "poll_seconds"}) as desk:
        assert [f"a customer says: {text}" for text in fetched(channel, desk, 1)] == [
            line.removesuffix(" (nps 10)") for line in lines[3:]
        ]
        running.stdin.write("¿Y mi pedido?\n")
        assert running.stdout.readline() == "a customer says: ¿Y mi pedido?\n"
        assert fetched(channel, desk, 3) == ["¿Y mi pedido?"]
        channel.send(desk.ctx(), Outbound("<a@kit.example>", "Ya va\nen camino 💛", {"to": "m-1"}))
        assert running.stdout.readline() == "a customer reads: Ya va en camino 💛\n"
        running.stdin.write("!down\n")
        assert running.stdout.readline() == "from now on: down\n"
        with pytest.raises(TryLater):
            channel.fetch(desk.ctx(), None)
        running.stdin.write("!nothing\n!well\n")
        assert running.stdout.readline() == "from now on: well\n"
        assert len(fetched(channel, desk, 0)) == 4
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 0
    assert err.splitlines()[0].startswith("'nothing' is nothing that goes wrong: down, busy, ")
    assert err.splitlines()[-1] == "the vendor is gone"


def test_it_goes_on_when_nothing_can_be_typed_any_more(play: Player) -> None:
    running = play()
    assert running.stdout is not None
    assert running.stdin is not None
    running.stdin.close()
    url = options_of(shlex.split(running.stdout.readline()))["base_url"]
    for _ in range(4):
        running.stdout.readline()
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10):
        pass
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 0


def test_a_session_gives_other_ids_than_the_last_one(project: Path) -> None:
    ids: list[str | None] = []
    clock = SetClock()
    for _ in range(2):
        clock.forward(minutes=1)
        with playing(Located.of(project), clock=clock) as stage:
            ids += [said.id for said in stage.first()]
            ids.append(stage.say("más").id)
    assert len(set(ids)) == 8


def test_where_it_listens_may_be_chosen(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Invalid, match=f"cannot listen at port {port}"),
            playing(Located.of(project), clock=utc_now, port=port),
        ):
            pass
    with playing(Located.of(project), clock=utc_now, port=port) as stage:
        assert stage.options["base_url"] == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("can", "more", "words"),
    [
        ("ACCEPT", {}, "it neither fetches nor sends"),
        ("FETCH", {"kind": "other"}, "no fixtures for channels of kind other: thing"),
        ("", {}, "offers no channel that fixtures.py knows"),
    ],
)
def test_what_cannot_be_played_is_said(can: str, more: dict[str, str], words: str, tmp_path: Path) -> None:
    offers = frozenset({"channel"} if can else {"slot"})
    write(tmp_path, "thing", kind="thing", title="Thing", capabilities=frozenset(can.split()), offers=offers)
    with pytest.raises(Invalid, match=words), playing(Located.of(tmp_path / "thing"), clock=utc_now, **more):  # type: ignore[arg-type]
        pass


def test_a_plugin_that_is_broken_or_has_no_vendor_is_said(tmp_path: Path) -> None:
    write(tmp_path, "thing", kind="thing", title="Thing", capabilities=frozenset({"FETCH"}))
    fixtures = tmp_path / "thing" / "thing" / "fixtures.py"
    text = fixtures.read_text()
    for changed, words in (
        (text.replace("def vendor(", "def no_vendor("), "write vendor\\(\\), the vendor on loopback"),
        ("raise OSError('no')", "fixtures.py cannot be used"),
    ):
        fixtures.write_text(changed)
        with pytest.raises(Invalid, match=words), playing(Located.of(tmp_path / "thing"), clock=utc_now):
            pass
        for name in [name for name in sys.modules if name.startswith("voc_checked_thing")]:
            del sys.modules[name]
    (tmp_path / "thing" / "thing" / "__init__.py").write_text("raise RuntimeError('it is broken')")
    done = CliRunner().invoke(cli, ["plugin", "play", str(tmp_path / "thing")])
    assert isinstance(done.exception, Invalid)
    assert str(done.exception) == "the plugin cannot be loaded: RuntimeError: it is broken"
    assert isinstance(CliRunner().invoke(cli, ["plugin", "play", "nobody"]).exception, NotFound)


def test_what_only_takes_answers_is_played_without_customers(tmp_path: Path) -> None:
    write(tmp_path, "thing", kind="thing", title="Thing", capabilities=frozenset({"ACCEPT", "SEND"}))
    with playing(Located.of(tmp_path / "thing"), clock=utc_now) as stage:
        assert stage.first() == []
        with pytest.raises(Invalid, match="posted to the channel's address"):
            stage.say("hola")

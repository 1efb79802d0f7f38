"""`voc run` says a command's lines while it works, in both modes; whoever stops listening does not stop the work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voc.core.settings import Settings

# It goes on only when it sees a file that is made after its first line was read.
CODE = """\
import pathlib, time
from voc.plugin import *

class Slow(Command):
    name = "slow"
    help = "Says one thing, and the next when it may."
    options = Options(Option("until", "A file.", required=True), Option("end", "How.", default="well"))
    def run(self, ctx, values):
        yield f"one {ctx.options['token']}\\x1b[31m"
        for _ in range(3000):
            if pathlib.Path(values["until"]).exists():
                break
            time.sleep(0.01)
        else:
            raise TryLater("nobody heard the first line")
        if values["end"] == "badly":
            yield "two\\nthree"
            raise Misconfigured("it went wrong after three lines")
        for number in range(2000):
            yield f"line {number}"
        ctx.store.set("done", True)

class Done(Command):
    name = "done"
    help = "Whether the other one came to its end."
    def run(self, ctx, values):
        yield str(ctx.store.get("done"))

@hookimpl
def voc_commands():
    return [Slow(), Done()]

@hookimpl
def voc_settings():
    return Options(Option("token", "A word.", default="a-made-up-token", secret=True))
"""


class House:
    """An instance with the plugin, and its commands as somebody would type them."""

    def __init__(self, settings: Settings, mode: str) -> None:
        folder = settings.instance / "plugins" / "slowly"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(CODE)
        (folder / "plugin.toml").write_text('name = "slowly"\ncontract = 1\ncommands = ["slow", "done"]\n')
        trusted = "slowly" if mode == "worker" else ""
        self.environment = {
            **os.environ, "VOC_INSTANCE": str(settings.instance), "VOC_PLUGINS_IN_WORKER": trusted
        }  # fmt: skip
        self.voc("plugin", "set", "slowly", "token=-").communicate("a-made-up-token\n", timeout=60)

    def voc(self, *words: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        arguments = [sys.executable, "-m", "voc", *words]
        return subprocess.Popen(arguments, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture(params=["worker", "process"])
def house(request: pytest.FixtureRequest, sqlite_settings: Settings) -> House:
    return House(sqlite_settings, request.param)


def test_a_line_is_heard_while_the_command_works(house: House, tmp_path: Path) -> None:
    running = house.voc("run", "slow", "--option", f"until={tmp_path / 'go'}", "--option", "end=badly")
    assert running.stdout is not None
    first = running.stdout.readline()
    (tmp_path / "go").touch()
    out, err = running.communicate(timeout=60)
    assert (first, out.splitlines()) == ("one …[31m\n", ["two", "three"])
    assert (running.returncode, err) == (1, "voc: slow: it went wrong after three lines\n")


@pytest.mark.slow
def test_it_comes_to_its_end_though_nobody_listens_any_more(house: House, tmp_path: Path) -> None:
    with house.voc("run", "slow", "--option", f"until={tmp_path / 'go'}") as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("one")
        running.stdout.close()
        (tmp_path / "go").touch()
        assert running.wait(timeout=60) == 1
    assert house.voc("run", "done").communicate(timeout=60)[0] == "True\n"

"""Real plugins in real folders: `drop` writes one into an instance, `load` finds whatever was dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voc.plugin_host import PluginHost, PluginState
from voc.plugin_host.policy import Policy

MANIFEST = """\
name = "{name}"
title = "{name}, for a test"
contract = 1
kinds = ["{name}"]
capabilities = []
"""

CODE = """\
from voc.plugin import Channel, Inbound, hookimpl

class Board(Channel):
    kind = "{name}"

    def read(self, view, raw):
        yield Inbound(external_id="1", text=raw.body.decode())

@hookimpl
def voc_channels():
    return [Board]
"""

Drop = Callable[..., Path]


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """`drop("name")` writes a good plugin; `code=` and `manifest=` replace what it is made of, None leaves it out."""

    def write(name: str, *, code: str | None = CODE, manifest: str | None = MANIFEST) -> Path:
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        if code is not None:
            (folder / "__init__.py").write_text(code.replace("{name}", name), encoding="utf-8")
        if manifest is not None:
            (folder / "plugin.toml").write_text(manifest.replace("{name}", name), encoding="utf-8")
        return folder

    return write


@pytest.fixture(params=["worker", "process"])
def mode(request: pytest.FixtureRequest) -> str:
    """Where dropped-in plugins run, in turn."""
    found: str = request.param
    return found


@pytest.fixture
def load(tmp_path: Path, mode: str) -> Iterator[Callable[..., tuple[PluginHost, dict[str, PluginState]]]]:
    """`load()` gives the host and the state of every plugin by name."""
    hosts: list[PluginHost] = []

    def found(*, limit: float = 10.0, blocked: tuple[str, ...] = ()) -> tuple[PluginHost, dict[str, PluginState]]:
        trusted = frozenset({"*"} if mode == "worker" else ())
        policy = Policy(blocked=frozenset(blocked), in_worker=trusted)
        host = PluginHost.load(tmp_path, limit=limit, policy=policy)
        hosts.append(host)
        return host, {state.name: state for state in host.states}

    yield found
    for host in hosts:
        host.close()

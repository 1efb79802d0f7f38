"""Two plugins that want the same: who has it is the same in every process, and the other comes in when it goes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voc.plugin_host import PluginHost
from voc.plugin_host.policy import Choice, Policy

CODE = """
from voc.plugin import Channel, Inbound, hookimpl
SLOW
class Board(Channel):
    kind = "KIND"
    def read(self, view, raw):
        return [Inbound(external_id="1", text="a")]
@hookimpl
def voc_channels():
    return [Board]
"""


def put(instance: Path, folder: str, *, name: str | None = None, kind: str = "board", slow: float = 0.0) -> None:
    place = instance / "plugins" / folder
    place.mkdir(parents=True)
    waits = f"import time; time.sleep({slow})" if slow else ""
    (place / "__init__.py").write_text(CODE.replace("KIND", kind).replace("SLOW", waits))
    (place / "plugin.toml").write_text(f'name = "{name or folder}"\ncontract = 1\nkinds = ["{kind}"]\n')


def told(host: PluginHost, *names: str) -> dict[str, tuple[str, str]]:
    return {it.name: (it.state, it.reason) for it in host.states if it.name in names}


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


@pytest.mark.parametrize("where", ["worker", "process"])
def test_the_first_in_order_has_it_however_long_it_takes(instance: Path, where: str) -> None:
    put(instance, "alpha", slow=0.4)
    put(instance, "beta")
    policy = Policy(in_worker=frozenset({"*"} if where == "worker" else ()))
    host = PluginHost.load(instance, limit=5, policy=policy)
    try:
        reason = "channel kind 'board' belongs to plugin alpha already"
        assert told(host, "alpha", "beta") == {"alpha": ("loaded", ""), "beta": ("quarantined", reason)}
    finally:
        host.close()


def test_the_same_name_in_two_folders(instance: Path) -> None:
    put(instance, "alpha", name="push")
    put(instance, "beta", name="push", kind="other")
    put(instance, "gamma", name="email", kind="third")
    host = PluginHost.load(instance, limit=5)
    try:
        found = told(host, "alpha", "beta", "gamma")
        assert found["alpha"][0] == "loaded"
        assert found["beta"] == ("quarantined", "the name 'push' belongs to plugin alpha already")
        assert found["gamma"] == ("quarantined", "the name 'email' belongs to plugin email already")
    finally:
        host.close()


def test_who_waits_has_nothing_itself(instance: Path) -> None:
    """Else the third would wait for one that is not there."""
    put(instance, "alpha")
    put(instance, "beta")
    (instance / "plugins" / "beta" / "plugin.toml").write_text(
        'name = "beta"\ncontract = 1\nkinds = ["board", "pigeons"]\n'
    )
    put(instance, "gamma", kind="pigeons")
    host = PluginHost.load(instance, limit=5)
    try:
        assert {name: state for name, (state, _) in told(host, "alpha", "beta", "gamma").items()} == {
            "alpha": "loaded", "beta": "quarantined", "gamma": "loaded",
        }  # fmt: skip
    finally:
        host.close()


@pytest.mark.parametrize("state", ["disabled", "quarantined"])
def test_the_next_comes_in_when_somebody_switches_the_first_off_and_goes_when_it_is_back(
    instance: Path, state: str
) -> None:
    put(instance, "alpha")
    put(instance, "beta")
    host = PluginHost.load(instance, limit=5)
    try:
        for turn in range(2):
            off = Policy(choices={"alpha": Choice(state=state)})  # type: ignore[arg-type]
            assert host.apply(off)
            assert told(host, "alpha")["alpha"][0] == state
            assert told(host, "beta")["beta"] == ("loaded", "")
            assert host.channel("board") is not None
            assert host.channel("board")[0] == "beta"  # type: ignore[index]
            assert host.apply(Policy())
            assert told(host, "alpha")["alpha"] == ("loaded", ""), turn
            assert told(host, "beta")["beta"][0] == "quarantined"
            assert not host.apply(Policy())
    finally:
        host.close()


def test_the_next_comes_in_when_the_folder_of_the_first_goes_while_it_is_written(instance: Path) -> None:
    put(instance, "alpha")
    put(instance, "beta")
    host = PluginHost.load(instance, limit=5)
    try:
        kept = shutil.move(instance / "plugins" / "alpha", instance / "alpha")
        host.anew(["alpha"])
        assert told(host, "alpha", "beta") == {"beta": ("loaded", "")}
        shutil.move(kept, instance / "plugins" / "alpha")
        host.anew(["alpha"])
        assert told(host, "alpha")["alpha"] == ("loaded", "")
        assert told(host, "beta")["beta"][0] == "quarantined"
    finally:
        host.close()

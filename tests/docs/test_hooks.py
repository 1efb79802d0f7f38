"""docs/hooks.md: every hook has a section whose example is dropped into an instance, loaded by the host, and called."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voc.net import http
from voc.net.addresses import AddressGuard
from voc.plugin import (
    Context,
    CustomerFacts,
    Deed,
    Done,
    FeedbackFacts,
    Misconfigured,
    Notice,
    Panel,
    Raw,
    View,
    spec,
)
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.isolated.plugin import Bounds
from voc.plugin_host.offers import KINDS, said_by
from voc.plugin_host.policy import Policy
from voc.testkit import Answer, Asked, HttpVendor

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hooks.md"
LOOPBACK = "127.0.0.0/8"
HOOKS = sorted(name for name in vars(spec) if name.startswith("voc_"))
NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
FEEDBACK = FeedbackFacts("f-1", "tienda", NOW, "https://voc.example/feedback/f-1", "La entrega llegó tarde", score=0)
CUSTOMER = CustomerFacts("c-1", "Ana", "ana@example.com", external_id="7")


class Product(HttpVendor):
    """Whatever an example asks: it has one order to tell of."""

    def answer(self, asked: Asked) -> Answer:
        self.take(asked.path, asked.body.decode())
        return Answer({"id": "7", "rows": [{"label": "Orders", "value": "3"}]})


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value


def section(hook: str) -> str:
    """The text of a hook's section."""
    found = re.search(rf"^## `{hook}\(.*?\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert found, f"docs/hooks.md has no section for {hook}"
    return found[1]


@pytest.fixture(params=["worker", "process"])
def hosts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """`hosts(hook)` drops the example in and gives the host that loaded it."""
    made: list[PluginHost] = []

    def load(hook: str) -> PluginHost:
        (code,) = re.findall(r"```python\n(.*?)```", section(hook), re.S)
        lines = "".join(re.findall(r"```toml\n(.*?)```", section(hook), re.S))
        folder = tmp_path / "plugins" / "example"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(code, encoding="utf-8")
        (folder / "plugin.toml").write_text(f'name = "example"\ncontract = 1\n{lines}', encoding="utf-8")
        trusted = frozenset({"*"} if request.param == "worker" else ())
        host = PluginHost.load(tmp_path, policy=Policy(in_worker=trusted), bounds=Bounds(private=LOOPBACK))
        made.append(host)
        (state,) = [state for state in host.states if state.name == "example"]
        assert (state.state, state.reason, state.isolation) == ("loaded", "", request.param)
        return host

    yield load
    for host in made:
        host.close()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_typed_and_says_since_when(hook: str) -> None:
    function = getattr(spec, hook)
    assert "return" in typing.get_type_hints(function)
    assert re.search(r"Since contract \d+\.", function.__doc__ or "")


def test_every_example_is_of_a_hook() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == len(HOOKS) + 1
    assert set(KINDS) == {hook.removeprefix("voc_") for hook in HOOKS} - {"channels", "analyzers", "settings"}


@pytest.mark.parametrize("hook", HOOKS)
def test_the_example_works(hosts: Any, hook: str) -> None:
    host = hosts(hook)
    CALLS[hook](host)


def context(host: PluginHost, url: str = "") -> Context:
    """What the house would give: a setting that is called `…url` leads to the product, any other is a made-up word."""
    settings = {
        option.name: url if option.name.endswith("url") else option.default or "made-up"
        for option in host.settings_of("example")
    }
    way_out = http.session(AddressGuard.of(LOOPBACK))
    return Context(options=settings, http=way_out, now=lambda: NOW, store=Shelf())


def offer(host: PluginHost, key: str) -> Any:
    (found,) = host.part("example").offers[key].values()
    assert host.offered(key)[found.name] == ("example", found)
    return found


def channels(host: PluginHost) -> None:
    found = host.channel("lines_in")
    assert found is not None
    items = host.guard.call("example", found[1].read, View(), Raw(b"uno\ndos", "text/plain", NOW, {}))
    assert [item.text for item in items] == ["uno", "dos"]


def analyzers(host: PluginHost) -> None:
    _, found = host.analyzers()["es"]
    assert host.guard.call("example", found.analyze, "ESTO NO PUEDE SER", "es").label == "negative"


def settings(host: PluginHost) -> None:
    assert host.settings_of("example").check({"token": "t"})[0] == {"base_url": "https://api.example.com", "token": "t"}
    assert host.settings_of("example").check({})[1] == {"token": ["must be given"]}


def actions(host: PluginHost) -> None:
    act = offer(host, "actions")
    values, _ = act.options.check({option.name: "made-up" for option in act.options if option.required})
    with Product.running() as product:
        deed = Deed("d-1", "Enojados", values, FEEDBACK, customer=CUSTOMER)
        done = host.guard.call("example", act.run, context(host, product.url), deed)
    assert isinstance(done, Done)


def notifiers(host: PluginHost) -> None:
    notice = Notice("n-1", "rule", "Subject", "Text", "https://voc.example")
    with Product.running() as product:
        assert host.guard.call("example", offer(host, "notifiers").notify, context(host, product.url), notice) is None


def slots(host: PluginHost) -> None:
    with Product.running() as product:
        panel = host.guard.call("example", offer(host, "slots").fill, context(host, product.url), CUSTOMER, None)
    assert isinstance(panel, Panel)
    assert panel.rows or panel.text


def exporters(host: PluginHost) -> None:
    lines = offer(host, "exporters")
    pieces = [
        host.guard.call("example", lines.begin, ("text",)),
        host.guard.call("example", lines.rows, ("text",), [{"text": "uno"}, {"text": None}], 4),
        host.guard.call("example", lines.end, ("text",), 6),
    ]
    assert b"".join(pieces) == b"feedback\n5. uno\n6. -\n6 in all\n"


def commands(host: PluginHost) -> None:
    count, ctx = offer(host, "commands"), context(host)
    assert host.guard.call("example", said_by, count, ctx, {"number": 3}) == ["1", "2", "3"]
    assert ctx.store is not None
    assert ctx.store.get("farthest") == 3
    with pytest.raises(PluginFailed) as failed:
        host.guard.call("example", said_by, count, ctx, {"number": 101})
    assert isinstance(failed.value.__cause__, Misconfigured)


def schedules(host: PluginHost) -> None:
    tally, ctx = offer(host, "schedules"), context(host)
    for overdue in (2, 1):
        said = host.guard.call("example", tally.run, ctx, {"figures": {"open": 3, "overdue": overdue}})
        assert said == "3 promises are open; at worst 2 were overdue."


CALLS = {f"voc_{call.__name__}": call for call in (
    channels, analyzers, settings, actions, notifiers, slots, exporters, commands, schedules
)}  # fmt: skip

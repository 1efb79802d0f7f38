"""docs/plugins/reference.md has every public name of the contract, docs/plugins/testkit.md of the conformance kit,
docs/plugins/examples.md every bundled plugin."""

from __future__ import annotations

import re
import runpy
from typing import Any

import voc.plugin
import voc.testkit
from voc.plugin import spec

# It stands in the first line, not under a heading.
NUMBER = "CONTRACT"


def described(page: str) -> set[str]:
    """The names that have a heading of their own."""
    return set(re.findall(r"^###+ `([\w.]+)`$", page, re.MULTILINE))


def words_of(part: str) -> str:
    """What is said of a name, after its signature and before the next heading."""
    return part.split("```")[2].split("<!--")[0].split("\n## ")[0].strip()


def test_every_public_name_is_in_the_reference(house: Any) -> None:
    page = house.page("plugins/reference.md")
    wanted = {*voc.plugin.__all__, *(name for name in vars(spec) if name.startswith("voc_"))} - {NUMBER}
    assert sorted(wanted - described(page)) == []
    assert f"number {voc.plugin.CONTRACT}:" in page
    # Methods are shown under their class, and nothing is shown that is not promised.
    assert sorted(name for name in described(page) if name.split(".")[0] not in wanted) == []


def test_every_method_of_a_channel_is_in_the_reference(house: Any) -> None:
    methods = {f"Channel.{name}" for name in vars(voc.plugin.Channel) if callable(vars(voc.plugin.Channel)[name])}
    public = {name for name in methods if not name.split(".")[1].startswith("_")}
    assert len(public) > 5
    assert public <= described(house.page("plugins/reference.md"))


def test_every_name_says_what_it_is(house: Any) -> None:
    """Words follow the signature, but for those of closed sets, which speak for themselves."""
    page = house.page("plugins/reference.md")
    parts = re.split(r"^###+ ", page, flags=re.MULTILINE)[1:]
    silent = [part.split("\n")[0] for part in parts if not words_of(part)]
    closed = {f"`{name}`" for name in voc.plugin.__all__ if not isinstance(getattr(voc.plugin, name), type)}
    assert sorted(set(silent) - closed) == []


def test_every_public_name_of_the_kit_is_in_its_reference(house: Any) -> None:
    page = house.page("plugins/testkit.md")
    wanted = set(voc.testkit.__all__)
    assert sorted(wanted - described(page)) == []
    assert sorted(name for name in described(page) if name.split(".")[0] not in wanted) == []
    assert {"HttpVendor.error", "HttpVendor.respond", "Fixtures.vendor_id", "Desk.ctx"} <= described(page)
    parts = re.split(r"^###+ ", page, flags=re.MULTILINE)[1:]
    assert [part.split("\n")[0] for part in parts if not words_of(part)] == []


def test_every_bundled_plugin_is_an_example(house: Any) -> None:
    page = house.page("plugins/examples.md")
    bundled = sorted(path.parent.name for path in (house.root / "plugins").glob("*/plugin.toml"))
    assert bundled
    assert [name for name in bundled if f"`voc_plugins.{name}`" not in page] == []


def test_it_is_the_same_every_time(house: Any) -> None:
    first, again = (runpy.run_path(str(house.root / "docs" / "contract.py")) for _ in range(2))
    assert first["reference"]() == again["reference"]()
    assert first["examples"]() == again["examples"]()

"""What plugins offer beside channels and analyzers, in the worker and in processes of their own: called, or refused
with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voc.plugin import (
    CaseFacts,
    Context,
    CustomerFacts,
    Deed,
    Done,
    FeedbackFacts,
    Notice,
    Options,
    Panel,
    Row,
    TryLater,
)
from voc.plugin_host import PluginFailed, PluginHost, PluginState
from voc.plugin_host.isolated.known import known
from voc.plugin_host.offers import KINDS, said_by
from voc.plugin_host.sources import candidate_at

Load = Callable[..., tuple[PluginHost, dict[str, PluginState]]]
NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)

ALL_MANIFEST = """\
name = "thing"
contract = 1
actions = ["nail"]
notifiers = ["room"]
slots = ["card"]
exporters = ["abc"]
commands = ["say"]
schedules = ["beat"]

[texts.es]
title = "La cosa"

[texts.es.offers]
nail = {label = "Publicar", help = "En una sala.", options = {room = {label = "Sala"}}}
"""
ALL = """\
from voc.plugin import *

class Post(Action):
    name = "nail"
    title = "Post"
    options = Options(Option("room", "Where to."))
    def run(self, ctx, deed):
        ctx.store.set("last", deed.id)
        return Done(f"posted to {deed.values['room']} about {deed.feedback.score}")

class Room(Notifier):
    name = "room"
    def notify(self, ctx, notice):
        raise TryLater(f"closed to {ctx.options['url']}", after=3)

class Card(Slot):
    name = "card"
    place = "customer"
    def fill(self, ctx, customer, case):
        return Panel((Row("Name", customer.name, tone="good"),), until=ctx.now()) if case is None else None

class Abc(Exporter):
    name = "abc"
    suffix = ".abc"
    binary = True
    def rows(self, columns, records, first):
        return repr((list(columns), [dict(record) for record in records], first)).encode()

class Say(Command):
    name = "say"
    help = "Says so."
    def run(self, ctx, values):
        yield "one"
        yield "two\\nthree"

class Beat(Scheduled):
    name = "beat"
    minutes = 5
    wants = ("figures",)
    def run(self, ctx, told):
        return f"{told['figures']['open']} at {told['figures']['looked_at']:%H:%M}"

@hookimpl
def voc_actions(): return [Post()]
@hookimpl
def voc_notifiers(): return [Room()]
@hookimpl
def voc_slots(): return (Card(),)
@hookimpl
def voc_exporters(): return [Abc()]
@hookimpl
def voc_commands(): return [Say()]
@hookimpl
def voc_schedules(): return [Beat()]
@hookimpl
def voc_settings():
    return Options(Option("url", "Where it is.", required=True), Option("token", "A word.", secret=True))
"""


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value


def test_each_kind_is_called_in_both_modes(drop: Any, load: Load, mode: str) -> None:
    drop("thing", code=ALL, manifest=ALL_MANIFEST)
    host, states = load()
    assert (states["thing"].state, states["thing"].reason, states["thing"].isolation) == ("loaded", "", mode)
    assert states["thing"].offers == ("nail", "room", "card", "abc", "say", "beat")
    mine = {key: {n: o for n, (plugin, o) in host.offered(key).items() if plugin == "thing"} for key in KINDS}
    assert {key: list(found) for key, found in mine.items()} == {
        "actions": ["nail"], "notifiers": ["room"], "slots": ["card"],
        "exporters": ["abc"], "commands": ["say"], "schedules": ["beat"],
    }  # fmt: skip
    assert [option.name for option in host.settings_of("thing")] == ["url", "token"]
    assert [option.secret for option in host.settings_of("thing")] == [False, True]
    assert list(host.settings_of("webform")) == []
    shelf = Shelf()
    ctx = Context(options={"url": "a", "token": "b"}, now=lambda: NOW, store=shelf)
    ana, case = CustomerFacts("c", "Ana"), CaseFacts("k", 7, "open", "high", "http://k")
    call = host.guard.call

    post: Any = mine["actions"]["nail"]
    assert [option.name for option in post.options] == ["room"]
    deed = Deed("d-1", "Enojados", {"room": "ops"}, FeedbackFacts("f", "shop", NOW, "http://f", score=0), case, ana)
    assert call("thing", post.run, ctx, deed) == Done("posted to ops about 0")
    assert shelf.values == {"last": "d-1"}

    room: Any = mine["notifiers"]["room"]
    with pytest.raises(PluginFailed) as failed:
        call("thing", room.notify, ctx, Notice("n", "rule", "s", "t", "http://n"))
    assert isinstance(failed.value.__cause__, TryLater)
    assert (str(failed.value.__cause__), failed.value.__cause__.after) == ("closed to a", 3)

    card: Any = mine["slots"]["card"]
    assert card.place == "customer"
    assert call("thing", card.fill, ctx, ana, None) == Panel((Row("Name", "Ana", tone="good"),), until=NOW)
    assert call("thing", card.fill, ctx, ana, case) is None

    abc: Any = mine["exporters"]["abc"]
    assert (abc.suffix, abc.binary) == (".abc", True)
    assert call("thing", abc.begin, ("a",)) == b""
    assert call("thing", abc.rows, ("a",), [{"a": None}], 3) == b"(['a'], [{'a': None}], 3)"

    say: Any = mine["commands"]["say"]
    assert (say.help, call("thing", said_by, say, ctx, {})) == ("Says so.", ["one", "two", "three"])

    beat: Any = mine["schedules"]["beat"]
    assert (beat.minutes, beat.wants) == (5, ("figures",))
    assert call("thing", beat.run, ctx, {"figures": {"open": 3, "looked_at": NOW}}) == "3 at 15:00"


def test_how_they_are_called(drop: Any, load: Load) -> None:
    drop("thing", code=ALL, manifest=ALL_MANIFEST)
    host, _ = load()
    said = host.said_offer("actions", "nail", "es")
    (option,) = host.offered("actions")["nail"][1].options
    assert (said.title, said.description, said.label(option)) == ("Publicar", "En una sala.", "Sala")
    assert host.said_offer("actions", "nail", "pt").title == "Post"
    assert host.said_offer("commands", "say", "es").description == "Says so."
    assert host.said_offer("actions", "nothing", "es").title == "nothing"
    assert host.said_of("thing", "es").title == "La cosa"
    assert host.said_of("nobody", "es").title == "nobody"


# What its hooks return -> what the operator reads; `wants` is a line of plugin.toml.
COMMAND = "class Say(Command):\n    name = 'say'\n    def run(self, ctx, values): return []\n"
RETURNS = "@hookimpl\ndef voc_{}(): return {}\n"
WRONG = {
    "declared and not offered": ('commands = ["say", "shout"]', COMMAND + RETURNS.format("commands", "[Say()]"),
        "plugin.toml declares command 'shout', and voc_commands does not offer it"),
    "offered and not declared": ("", COMMAND + RETURNS.format("commands", "[Say()]"),
        "command 'say' is not declared in plugin.toml; it wants commands = [\"say\"]"),
    "no list": ('commands = ["say"]', COMMAND + RETURNS.format("commands", "Say()"),
        "voc_commands must return a list, not Say"),
    "wrong class": ('actions = ["say"]', COMMAND + RETURNS.format("actions", "[Say()]"),
        "voc_actions returned an object of class Say, which is no voc.plugin.Action"),
    "a class": ('commands = ["say"]', COMMAND + RETURNS.format("commands", "[Say]"),
        "voc_commands returned the class Say; return an object: Say()"),
    "no name": ('commands = ["say"]', COMMAND.replace("'say'", "''") + RETURNS.format("commands", "[Say()]"),
        "voc_commands returned an object of class Say without a name"),
    "odd name": ('commands = ["Say It"]', COMMAND.replace("'say'", "'Say It'") + RETURNS.format("commands", "[Say()]"),
        "the command name 'Say It' must be small letters, digits, - and _, and begin with a letter; at most 40"),
    "two of one name": ('commands = ["say"]', COMMAND + RETURNS.format("commands", "[Say(), Say()]"),
        "voc_commands returned two commands of the name 'say'; give one another name"),
    "does nothing": ('commands = ["say"]',
        "class Say(Command):\n    name = 'say'\n" + RETURNS.format("commands", "[Say()]"),
        "command 'say' has no run()"),
    "no place": ('slots = ["card"]', "class Card(Slot):\n    name = 'card'\n    place = 'nowhere'\n"
        "    def fill(self, ctx, customer, case): return None\n" + RETURNS.format("slots", "[Card()]"),
        "slot 'card': place must be one of case, customer, not 'nowhere'"),
    "no time": ('schedules = ["beat"]', "class Beat(Scheduled):\n    name = 'beat'\n    minutes = 0\n"
        "    def run(self, ctx, told): return ''\n" + RETURNS.format("schedules", "[Beat()]"),
        "schedule 'beat': minutes must be a whole number from 1 to 527040, not 0"),
    "wants what is not told": ('schedules = ["beat"]', "class Beat(Scheduled):\n    name = 'beat'\n"
        "    wants = ('money',)\n    def run(self, ctx, told): return ''\n" + RETURNS.format("schedules", "[Beat()]"),
        "schedule 'beat': this voc cannot tell 'money'; it can tell figures"),
    "a format of ours": ('exporters = ["csv"]', "class Csv(Exporter):\n    name = 'csv'\n"
        "    def rows(self, columns, records, first): return b''\n" + RETURNS.format("exporters", "[Csv()]"),
        "exporter 'csv': csv is a format of voc itself; give it another name"),
    "odd suffix": ('exporters = ["abc"]', "class Abc(Exporter):\n    name = 'abc'\n    suffix = '/../x'\n"
        "    def rows(self, columns, records, first): return b''\n" + RETURNS.format("exporters", "[Abc()]"),
        "exporter 'abc': suffix must look like .ods, not '/../x'"),
    "options that are none": ('commands = ["say"]',
        COMMAND + "Say.options = [1]\n" + RETURNS.format("commands", "[Say()]"),
        "options of command 'say' must be voc.plugin.Options"),
    "an unknown type": ("", RETURNS.format("settings", "Options(Option('a', 'b', type='colour'))"),
        "option 'a' of plugin thing has the unknown type 'colour'"),
    "a bad default": ("", RETURNS.format("settings", "Options(Option('a', 'b', 'number', default='x'))"),
        "the default of option 'a' of plugin thing is none of its values"),
    "no settings": ("", RETURNS.format("settings", "[]"), "voc_settings must return voc.plugin.Options, not list"),
    "no list of names": ('commands = "say"', "", "plugin.toml: commands: must be a list of words"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_is_refused_in_one_sentence(drop: Any, load: Load, name: str) -> None:
    line, code, reason = WRONG[name]
    drop("thing", code="from voc.plugin import *\n" + code, manifest=f'name = "thing"\ncontract = 1\n{line}\n')
    drop("good")
    host, states = load()
    assert (states["thing"].state, states["thing"].reason) == ("quarantined", reason)
    assert states["good"].state == "loaded"
    assert all(plugin != "thing" for key in KINDS for plugin, _ in host.offered(key).values())


def test_a_name_belongs_to_one_plugin(drop: Any, load: Load) -> None:
    for name in ("alpha", "beta"):
        code = "from voc.plugin import *\n" + COMMAND + RETURNS.format("commands", "[Say()]")
        drop(name, code=code, manifest=f'name = "{name}"\ncontract = 1\ncommands = ["say"]\n')
    host, states = load()
    owner, _ = host.offered("commands")["say"]
    other = "beta" if owner == "alpha" else "alpha"
    assert states[other].state == "quarantined"
    assert states[other].reason.startswith(f"command 'say' belongs to plugin {owner} already")


def test_the_same_name_may_be_of_two_kinds(drop: Any, load: Load) -> None:
    code = COMMAND + "class Post(Action):\n    name = 'say'\n    def run(self, ctx, deed): return Done()\n"
    code += RETURNS.format("commands", "[Say()]") + RETURNS.format("actions", "[Post()]")
    drop("thing", code="from voc.plugin import *\n" + code,
        manifest='name = "thing"\ncontract = 1\ncommands = ["say"]\nactions = ["say"]\n')  # fmt: skip
    host, states = load()
    assert states["thing"].state == "loaded"
    assert {host.offered(key)["say"][0] for key in ("commands", "actions")} == {"thing"}


SHARED = 'offers = {say = {label = "Decir", help = "Dicho."}, "command say" = {label = "Ordenar"}}\n'


def test_their_texts_are_told_apart_by_kind(drop: Any, load: Load) -> None:
    """The kind before the name wins; what stands under the name alone, as it was always written, is for the others."""
    code = COMMAND + "class Post(Action):\n    name = 'say'\n    def run(self, ctx, deed): return Done()\n"
    code += RETURNS.format("commands", "[Say()]") + RETURNS.format("actions", "[Post()]")
    manifest = 'name = "thing"\ncontract = 1\ncommands = ["say"]\nactions = ["say"]\n'
    manifest += f'[texts.es]\n{SHARED}[texts.pt]\noffers = {{say = {{label = "Dizer"}}}}\n'
    drop("thing", code="from voc.plugin import *\n" + code, manifest=manifest)
    host, _ = load()
    spoken = {key: host.said_offer(key, "say", "es") for key in ("commands", "actions")}
    assert {key: (said.title, said.description) for key, said in spoken.items()} == {
        "commands": ("Ordenar", ""),
        "actions": ("Decir", "Dicho."),
    }
    assert {host.said_offer(key, "say", "pt").title for key in ("commands", "actions")} == {"Dizer"}


ENDLESS = "class Say(Command):\n    name = 'say'\n    def run(self, ctx, values):\n        while True: yield {}\n"


@pytest.mark.parametrize(
    ("what", "reason"), [("'more'", "said more than 10000 lines"), ("7", "gave a line that is no")]
)
def test_a_command_that_says_too_much_is_ended(drop: Any, load: Load, what: str, reason: str) -> None:
    code = "from voc.plugin import *\n" + ENDLESS.format(what) + RETURNS.format("commands", "[Say()]")
    drop("thing", code=code, manifest='name = "thing"\ncontract = 1\ncommands = ["say"]\n')
    host, _ = load()
    say: Any = host.offered("commands")["say"][1]
    with pytest.raises(PluginFailed, match=reason):
        host.guard.call("thing", said_by, say, Context(), {})


def test_what_was_kept_in_an_older_form_is_not_believed(
    drop: Any, load: Load, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if mode == "worker":
        return
    folder = drop("thing", code=ALL, manifest=ALL_MANIFEST)
    load()
    candidate, notes = candidate_at("thing", "dropped", folder, ""), tmp_path / "plugins" / ".known"
    kept = known(notes, candidate)
    assert kept is not None
    assert len(kept["offers"]) == 6
    monkeypatch.setattr("voc.plugin_host.isolated.known.FORMAT", 1)
    assert known(notes, candidate) is None


def test_settings_have_defaults(drop: Any, load: Load) -> None:
    code = "from voc.plugin import *\n" + RETURNS.format(
        "settings", "Options(Option('a', 'An a.', 'number', default=7))"
    )
    drop("thing", code=code, manifest='name = "thing"\ncontract = 1\n')
    host, states = load()
    assert states["thing"].state == "loaded"
    found = host.settings_of("thing")
    assert isinstance(found, Options)
    assert found.check({}) == ({"a": 7}, {})

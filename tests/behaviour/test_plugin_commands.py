"""`voc run` and `voc plugin set`: commands and settings of plugins, on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from tests.doors.receiver import receiver
from voc.cli import cli
from voc.core.errors import Invalid, NotFound, VocError
from voc.core.settings import Settings
from voc.model import AuditEntry, PluginSetting
from voc.runtime import Runtime

CODE = """\
from voc.plugin import *

class Greet(Command):
    name = "greet"
    help = "Greets somebody."
    options = Options(Option("who", "Whom.", required=True), Option("times", "How often.", "number", default=1))
    def run(self, ctx, values):
        if values["who"] == "nobody":
            raise Misconfigured(f"nobody is there, says {ctx.options['token']}")
        ctx.store.set("greeted", (ctx.store.get("greeted") or 0) + values["times"])
        for _ in range(values["times"]):
            yield f"hello {values['who']}, {ctx.options['mood']} {ctx.options['token']}"
        yield f"greeted {ctx.store.get('greeted')}"

@hookimpl
def voc_commands():
    return [Greet()]

@hookimpl
def voc_settings():
    return Options(
        Option("mood", "How it is meant.", "choice", default="kind", choices=("kind", "curt")),
        Option("token", "A word.", required=True, secret=True),
    )
"""
Run = Callable[..., Any]


@pytest.fixture(params=["worker", "process"])
def voc(request: pytest.FixtureRequest, settings: Settings, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`voc("run", "greet", …)` in a house with the plugin dropped in, in both modes, on both databases."""
    folder = settings.instance / "plugins" / "greeter"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE)
    (folder / "plugin.toml").write_text('name = "greeter"\ncontract = 1\ncommands = ["greet"]\n')
    monkeypatch.setenv("VOC_INSTANCE", str(settings.instance))
    monkeypatch.setenv("VOC_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("VOC_PLUGINS_IN_WORKER", "greeter" if request.param == "worker" else "")
    return lambda *args, **more: CliRunner().invoke(cli, list(args), **more)


def test_a_command_is_run_with_what_was_set(voc: Run, runtime: Runtime) -> None:
    listed = voc("run")
    assert listed.exit_code == 0
    assert "greet                    greeter          Greets somebody. who [times]" in listed.stdout.splitlines()
    waits = voc("run", "greet", "--option", "who=Ana")
    assert (waits.exit_code, str(waits.exception)) == (
        1, "plugin greeter needs token: voc plugin set greeter token=…"
    )  # fmt: skip
    assert voc("plugin", "set", "greeter", "token=-", "mood=curt", input="a-made-up-token\n").exit_code == 0
    done = voc("run", "greet", "--option", "who=Ana", "--option", "times=2")
    assert done.stdout.splitlines() == ["hello Ana, curt …", "hello Ana, curt …", "greeted 2"]
    assert voc("run", "greet", "--option", "who=Luis").stdout.splitlines()[-1] == "greeted 3"
    with runtime.db.reading() as session:
        row = session.get(PluginSetting, "greeter")
    assert row is not None
    assert (row.options, row.store) == ({"mood": "curt"}, {"greeted": 3})
    assert b"a-made-up-token" not in (row.secrets or b"")


def test_what_goes_wrong_is_one_sentence(voc: Run) -> None:
    voc("plugin", "set", "greeter", "token=a-made-up-token")
    for args, kind, sentence in (
        (("shout",), NotFound, "there is no command shout; there are "),
        (("greet",), Invalid, "who: must be given"),
        (("greet", "--option", "who=Ana", "--option", "times=x"), Invalid, "times: must be a whole number"),
        (("greet", "--option", "who"), Invalid, "--option must look like name=value, not who"),
        (("greet", "--option", "who=nobody"), VocError, "greet: nobody is there, says …"),
    ):
        done = voc("run", *args)
        assert done.exit_code == 1
        assert isinstance(done.exception, kind), done.exception
        assert str(done.exception).startswith(sentence)


def test_settings_are_shown_without_secrets_and_changed_on_record(voc: Run, runtime: Runtime) -> None:
    assert [line.split()[:3] for line in voc("plugin", "set", "greeter").stdout.splitlines()] == [
        ["mood", "kind", "How"], ["token", "(not", "given)"]
    ]  # fmt: skip
    shown = voc("plugin", "set", "greeter", "token=-", input="a-made-up-token").stdout
    assert "a-made-up-token" not in shown
    assert "(given)" in shown
    for args, sentence in (
        (("greeter", "mood=sad"), "mood: must be one of kind, curt"),
        (("greeter", "colour=red"), "colour: no such option"),
        (("greeter", "mood"), "a setting looks like name=value, not mood"),
        (("greeter", "--forget", "mood"), "mood is no secret of plugin greeter"),
        (("greeter", "--forget", "token"), "token: must be given"),
        (("nobody",), "there is no plugin nobody: voc plugin list shows them"),
    ):
        done = voc("plugin", "set", *args)
        assert (done.exit_code, str(done.exception)) == (1, sentence)
    assert "no settings" in voc("plugin", "set", "webform").stderr
    voc("plugin", "set", "greeter", "mood=curt")
    voc("plugin", "set", "greeter", "mood=curt")
    voc("plugin", "set", "greeter", "mood=")
    with runtime.db.reading() as session:
        row = session.get(PluginSetting, "greeter")
        entries = [e.data for e in session.query(AuditEntry).order_by(AuditEntry.id) if e.action == "plugin.settings"]
    assert row is not None
    assert row.options == {}
    assert [entry["changed"] for entry in entries] == ["token", "mood", "mood"]


def test_settings_of_a_plugin_that_is_switched_off(voc: Run) -> None:
    voc("plugin", "disable", "greeter")
    done = voc("plugin", "set", "greeter", "mood=curt")
    assert str(done.exception) == "plugin greeter is disabled: its settings are known when it is loaded"
    assert "greet " not in voc("run").stdout


def test_the_bundled_command_reaches_a_watchdog(
    sqlite_settings: Settings, sqlite_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_settings.instance))
    monkeypatch.setenv("VOC_PRIVATE_ADDRESSES", "127.0.0.0/8")
    with receiver() as watchdog:
        CliRunner().invoke(cli, ["plugin", "set", "heartbeat", f"url={watchdog.url}"])
        done = CliRunner().invoke(cli, ["run", "heartbeat-test", "--option", "alarm=yes"])
        assert done.stdout == "The watchdog took an alarm.\n"
        watchdog.usual = 404
        refused = CliRunner().invoke(cli, ["run", "heartbeat-test", "--option", "alarm=yes"])
        watchdog.usual = 302
        elsewhere = CliRunner().invoke(cli, ["run", "heartbeat-test", "--option", "alarm=yes"])
    assert "sends on to another address" in str(elsewhere.exception)
    assert watchdog.posts[0].body == b"this is a test: somebody ran heartbeat-test"
    assert str(refused.exception) == "heartbeat-test: the watchdog does not know this address (status 404)"
    assert watchdog.url not in str(refused.exception)

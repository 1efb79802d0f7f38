"""The settings of a plugin as a whole on a page: drawn from what it declares, secrets never shown, on record."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from voc.core.vocabulary import RoleName
from voc.jobs.engine import Engine
from voc.model import AuditEntry, PluginSetting
from voc.plugin_host.context import plugin_context
from voc.plugin_host.deprecations import TABLE, Deprecation
from voc.runtime import schedules
from voc.runtime.following import Following

SECRET = "https://watch.example/ping/kept-to-ourselves"


@pytest.fixture
def admin(desk: Any) -> Any:
    desk.hire("Ada", RoleName.ADMIN)
    return desk.browser("Ada")


def test_administrators_set_what_a_plugin_declares(desk: Any, admin: Any) -> None:
    assert "/plugins/heartbeat/settings" in admin.visit("/plugins").text
    page = admin.visit("/plugins/heartbeat/settings").text
    assert 'type="password" id="option.url"' in page
    wrong = admin.send("/plugins/heartbeat/settings", **{"option.url": ""})
    assert wrong.status_code == 422
    assert "This is missing." in wrong.text
    sent = admin.send("/plugins/heartbeat/settings", **{"option.url": SECRET, "option.overdue": "yes"})
    assert (sent.status_code, sent.location) == (303, "/plugins")
    shown = admin.visit("/plugins/heartbeat/settings").text
    assert SECRET not in shown
    assert "One is stored." in shown
    assert plugin_context(desk.runtime, "heartbeat").options == {"url": SECRET, "overdue": True}
    with desk.runtime.db.reading() as session:
        row = session.scalars(select(PluginSetting)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "plugin.settings")).one()
    assert SECRET.encode() not in (row.secrets or b"")
    assert entry.data == {"plugin": "heartbeat", "changed": "overdue, url"}
    # An empty secret stays; what is not a secret goes back.
    admin.send("/plugins/heartbeat/settings", **{"option.url": ""})
    assert plugin_context(desk.runtime, "heartbeat").options == {"url": SECRET, "overdue": False}


def test_nobody_else_sees_or_changes_them(desk: Any, admin: Any) -> None:
    agent = desk.browser("Camila")
    assert "/plugins/heartbeat/settings" not in agent.visit("/plugins").text
    assert agent.visit("/plugins/heartbeat/settings").status_code == 403
    assert agent.send("/plugins/heartbeat/settings", **{"option.url": SECRET}).status_code == 403
    for name in ("webform", "nobody"):
        assert admin.send(f"/plugins/{name}/settings").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Dirección del control"), ("pt", "Endereço da verificação"), ("en", "Address of the")],
)
def test_in_every_language(desk: Any, language: str, words: str) -> None:
    desk.hire("Rosa", RoleName.ADMIN, language=language)
    browser = desk.browser("Rosa")
    assert words in browser.visit("/plugins/heartbeat/settings").text
    assert {"es": "Señal de vida", "pt": "Sinal de vida", "en": "Sign of life"}[language] in browser.visit(
        "/plugins"
    ).text


def test_schedules_and_what_goes_away_are_shown(desk: Any, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "has not run yet" in admin.visit("/plugins").text
    schedules.order(desk.runtime, desk.runtime.clock())
    Engine(desk.runtime, worker="test").drain("door")
    page = admin.visit("/plugins").text
    assert "waits for its settings" in page
    assert "Next:" in page
    monkeypatch.setitem(TABLE, "hook voc_schedules", Deprecation(1, 2, "use a cron job"))
    for deed in ("disable", "enable"):
        admin.send(f"/plugins/heartbeat/{deed}")
        Following(desk.runtime, "web").look()
    page = admin.visit("/plugins").text
    assert "hook voc_schedules goes away with contract 2 (announced with contract 1); use a cron job" in page

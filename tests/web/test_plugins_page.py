"""`/plugins` and its figures: what is shown, who may change it, and that the web process calls isolated plugins too."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest

from tests.doors.postbox import Box, drop
from voc.app.factory import create_app
from voc.core.settings import Settings
from voc.core.vocabulary import RoleName
from voc.intake.channels import add_channel
from voc.plugin_host.choices import chosen
from voc.runtime.following import Following
from voc.runtime.instance import open_instance


def test_everybody_sees_it_and_administrators_change_it(desk: Any) -> None:
    Following(desk.runtime, "worker").tell()
    desk.hire("Ada", RoleName.ADMIN)
    agent, admin = desk.browser("Camila"), desk.browser("Ada")
    page = agent.visit("/plugins").text
    assert "webform" in page
    assert "/plugins/webform/disable" not in page
    assert agent.send("/plugins/webform/disable").status_code == 403
    assert "/plugins/webform/disable" in admin.visit("/plugins").text
    assert admin.send("/plugins/webform/disable").location == "/plugins"
    Following(desk.runtime, "web").look()
    assert desk.runtime.host.channel("webform") is None
    page = admin.visit("/plugins").text
    assert "switched off" in page
    assert "/plugins/webform/enable" in page
    admin.send("/plugins/webform/enable")
    admin.send("/plugins/webform/isolate", where="process")
    with desk.runtime.db.reading() as session:
        assert chosen(session)["webform"].isolation == "process"
    for path in ("/plugins/nobody/disable", "/plugins/webform/bless", "/plugins/webform/isolate"):
        assert admin.send(path).status_code == 404


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_page_in_every_language(desk: Any, language: str) -> None:
    Following(desk.runtime, "worker").tell()
    desk.hire("Rosa", language=language)
    page = desk.browser("Rosa").visit("/plugins").text
    assert {"es": "Proceso de fondo reemplazado", "pt": "Processo de fundo substituído", "en": "Worker replaced"}[
        language
    ] in page


def test_figures_of_every_plugin(desk: Any) -> None:
    Following(desk.runtime, "worker").tell()
    figures = desk.app.test_client().get("/metrics").text
    assert 'voc_plugin_loaded{plugin="webform",process="worker",isolation="worker"} 1' in figures
    assert 'voc_plugin_stuck{plugin="webform",process="worker",isolation="worker"} 0' in figures
    assert "# TYPE voc_plugin_calls_total counter" in figures


def test_an_isolated_plugin_takes_deliveries(sqlite_settings: Settings, clock: Any, tmp_path: Any) -> None:
    drop(sqlite_settings.instance)
    runtime = open_instance(replace(sqlite_settings, plugins_isolated=("postbox",)), create=False, clock=clock)
    options = {"folder": str(Box(tmp_path / "box").folder), "password": "open-sesame"}
    with runtime.db.writing() as session:
        given: dict[str, Any] = {"kind": "postbox", "name": "P", "slug": "p", "options": options, "now": clock()}
        key = add_channel(session, runtime.host, **given, keys=runtime.keys).key
    client = create_app(runtime).test_client()
    body = b'{"external_id": "1", "text": "Malo"}'
    signature = "sha256=" + hmac.new(b"open-sesame", body, hashlib.sha256).hexdigest()
    assert client.post(f"/in/{key}", data=body).status_code == 401
    assert runtime.host.figures()["postbox"][0].calls == 0, "the host checks the signature before anybody is asked"
    assert client.post(f"/in/{key}", data=body, headers={"X-Signature": signature, "X-Id": "1"}).status_code == 204
    assert client.get(f"/in/{key}?challenge=abc").text == "abc"
    tally, processes, living = runtime.host.figures()["postbox"]
    assert (tally.calls, processes.crashes if processes else None, living) == (2, 0, 1)
    runtime.close()

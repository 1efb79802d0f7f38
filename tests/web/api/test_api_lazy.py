"""What a start does not wait for: the document, and the proof that only the status page needs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from voc.api import openapi
from voc.app.factory import create_app
from voc.runtime import Runtime

_START = """
import json, sys
from pathlib import Path
from voc.core.settings import load
from voc.runtime.instance import open_instance
from voc.app.factory import create_app
runtime = open_instance(load({}, instance=Path(sys.argv[1])), create=False)
create_app(runtime)
print(json.dumps(sorted(sys.modules)))
runtime.close()
"""


def test_the_document_is_drawn_once_by_whoever_asks_first(
    sqlite_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    draw = openapi.draw

    def counted(blueprints: Any) -> dict[str, Any]:
        drawn.append(blueprints)
        return draw(blueprints)

    monkeypatch.setattr(openapi, "draw", counted)
    app = create_app(sqlite_runtime)
    assert drawn == []
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(app.test_client().get(openapi.PATH).text)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(drawn) == 1
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert json.loads(answers[0])["openapi"] == "3.1.0"
    assert app.test_client().head(openapi.PATH).status_code == 200


def test_a_start_does_not_import_the_proof(sqlite_runtime: Runtime) -> None:
    command = [sys.executable, "-c", _START, str(sqlite_runtime.settings.instance)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in loaded if name.startswith("voc.pipeline.verify")] == []
    assert "voc.web.triage.status" in loaded

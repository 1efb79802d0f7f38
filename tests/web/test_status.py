"""The status page tells whether the worker is alive, and when it last was."""

from __future__ import annotations

from typing import Any

import pytest

from voc.runtime.heartbeat import beat

DEAD = {
    "es": "El proceso de fondo no está en marcha",
    "pt": "O processo de fundo não está rodando",
    "en": "No worker is alive",
}


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_worker_that_is_silent_is_told(desk: Any, clock: Any, language: str) -> None:
    desk.hire("Rosa", language=language)
    browser = desk.browser("Rosa")
    assert DEAD[language] not in browser.visit("/status").text, "it may only be starting"
    clock.forward(minutes=3)
    assert DEAD[language] in browser.visit("/status").text
    beat(desk.runtime.db, clock())
    clock.forward(seconds=100)
    assert DEAD[language] not in browser.visit("/status").text
    clock.forward(minutes=5)
    assert DEAD[language] in browser.visit("/status").text


def test_its_last_sign_of_life_is_shown(desk: Any, clock: Any) -> None:
    browser = desk.browser("Camila")
    assert "none yet" in browser.visit("/status").text.split("Its last sign of life")[1][:60]
    beat(desk.runtime.db, clock())
    clock.forward(minutes=1)
    assert "1 min" in browser.visit("/status").text.split("Its last sign of life")[1][:160]

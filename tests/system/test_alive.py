"""What a running house tells commands beside it: where it serves, and that its worker is alive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_command_finds_the_server_and_the_doctor_its_worker(sqlite_house: Any, until: Callable[..., None]) -> None:
    house = sqlite_house
    house.start()
    added = house.voc("user", "add", "rosa@aurora.example", "--role", "agent")
    assert added.stdout.startswith(f"http://127.0.0.1:{house.port}/welcome/"), added
    assert added.stderr == ""
    path = added.stdout.strip().removeprefix(f"http://127.0.0.1:{house.port}")
    assert house.request("GET", path)[0] == 200
    until(lambda: "ok    worker      alive" in house.voc("doctor").stdout, "the worker's sign of life")
    assert f"at http://127.0.0.1:{house.port}" in house.voc("doctor").stdout
    assert house.request("GET", "/readyz")[0] == 200
    house.kill_web()
    # What the killed server wrote down is there still, and believed no more.
    assert str(house.port) in (house.settings.instance / "voc.lock").read_text()
    guessed = house.voc("user", "link", "rosa@aurora.example")
    assert "assumed" in guessed.stderr
    assert f":{house.port}/" not in guessed.stdout
    house.start()
    found = house.voc("user", "link", "rosa@aurora.example")
    assert found.stdout.startswith(f"http://127.0.0.1:{house.port}/welcome/")
    house.terminate()
    assert (house.settings.instance / "voc.lock").read_text() == ""
    assert "assumed" in house.voc("user", "link", "rosa@aurora.example").stderr

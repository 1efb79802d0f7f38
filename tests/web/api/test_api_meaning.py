"""`GET /api/v1/feedback?by=meaning`: what is found, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.encoders import no_package, words_encoder

__all__ = ["no_package", "words_encoder"]
FEEDBACK = "/api/v1/feedback"


def test_the_nearest_come_first(program_on_both: Any, work: Callable[[], None], words_encoder: None) -> None:
    program = program_on_both
    program.runtime.settings = replace(program.runtime.settings, embeddings=True)
    cold = program.post({"text": "La comida llegó fría", "metric": "nps", "score": 1}).json["id"]
    food = program.post({"text": "Qué rica comida", "metric": "nps", "score": 10}).json["id"]
    work()
    answer = program.get(f"{FEEDBACK}?q=cold+food&by=meaning").json
    assert [item["id"] for item in answer["items"]] == [cold, food]
    assert (answer["found_by"], answer["next"]) == ("words 1", None)
    narrowed = program.get(f"{FEEDBACK}?q=cold+food&by=meaning&stance=promoter&limit=1").json
    assert [item["id"] for item in narrowed["items"]] == [food]
    assert program.get(f"{FEEDBACK}?q=comida").json["found_by"] == "words"
    assert program.get(f"{FEEDBACK}?by=meaning").json["errors"].keys() == {"q"}
    assert program.get(f"{FEEDBACK}?q=x&by=nonsense").json["errors"].keys() == {"by"}
    assert program.get(f"{FEEDBACK}?q=x&by=meaning&after=abc").json["errors"].keys() == {"after"}


def test_switched_off_it_says_how_to_switch_it_on(program: Any) -> None:
    answer = program.get(f"{FEEDBACK}?q=x&by=meaning")
    assert answer.status_code == 422
    assert "VOC_EMBEDDINGS=yes" in answer.json["errors"]["by"][0]


def test_without_the_package_it_says_what_to_install(program: Any, no_package: None) -> None:
    program.runtime.settings = replace(program.runtime.settings, embeddings=True)
    answer = program.get(f"{FEEDBACK}?q=x&by=meaning")
    assert "voc-server[embeddings]" in answer.json["errors"]["by"][0]

"""A house that makes meanings, on both databases in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.behaviour.rules.conftest import Shop
from tests.encoders import no_package, words_encoder
from voc.runtime import Runtime

__all__ = ["no_package", "words_encoder"]


@pytest.fixture
def house(runtime: Runtime, work: Callable[[], None], words_encoder: None) -> Shop:
    runtime.settings = replace(runtime.settings, embeddings=True)
    return Shop(runtime, work)

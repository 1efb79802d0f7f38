"""The context of a command that is heard while it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voc.plugin import Context


def _nobody(_line: str) -> None:
    """Nobody hears it."""


@dataclass(frozen=True, slots=True)
class Telling(Context):
    """As any context; `tell` hears each line as the command says it, where others get all of them at the end."""

    tell: Callable[[str], None] = _nobody

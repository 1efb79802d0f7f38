"""What the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `state`: ok; look (worth knowing, nothing is broken); wrong. `todo` says what to do about it."""

    state: Literal["ok", "look", "wrong"]
    what: str
    text: str
    todo: str = ""

    def line(self) -> str:
        """As printed: state, subject, what was found, what to do."""
        tail = f" -> {self.todo}" if self.todo else ""
        return f"{self.state:6}{self.what:12}{self.text}{tail}"

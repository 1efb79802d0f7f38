"""The error tree: each branch says what the caller can do about it.

Edges translate once (HTTP status, exit code, retry). The docstring is the default message, written for logs and
for people who run the server; texts for customers and agents are written at the edges in their language.
"""

from __future__ import annotations

from collections.abc import Mapping


class VocError(Exception):
    """Something went wrong in voc."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").split("\n")[0].strip())


class Invalid(VocError, ValueError):
    """The input is wrong; `fields` says what is wrong with which field."""

    def __init__(self, message: str = "", *, fields: Mapping[str, list[str]] | None = None) -> None:
        self.fields: dict[str, list[str]] = dict(fields or {})
        if not message and self.fields:
            message = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in self.fields.items())
        super().__init__(message)


class NotFound(VocError):
    """There is no such thing, or it is not yours to see."""


class Forbidden(VocError):
    """This is not allowed to you."""


class Conflict(VocError):
    """Somebody else was faster; look at the present state and decide again."""


class Busy(VocError):
    """The database is busy or full just now; the same request may go through in a moment."""


class Temporary(VocError):
    """It did not work now and may work later; `after` so many seconds, None when nobody knows."""

    def __init__(self, message: str = "", *, after: float | None = None) -> None:
        # Plugins say it, and may say anything: NaN would be a time at which nothing ever comes back.
        self.after = after if isinstance(after, (int, float)) and after >= 0 else None
        super().__init__(message)


class TooSlow(Temporary):
    """It took too long; where it is tried again it must hold nobody up."""


class Permanent(VocError):
    """It will not work however often it is tried."""


class AlreadyRunning(VocError):
    """Another voc serves this instance."""

    def __init__(self, path: str, pid: int | None) -> None:
        self.pid = pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{who} already serves this instance ({path}); stop it first or use another VOC_INSTANCE")


class SettingError(VocError):
    """A setting is wrong; the server does not start."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: {reason}")


class NeverStarted(VocError):
    """this instance was never started: run voc serve first"""


class KeyLost(VocError):
    """The encryption key of this instance is missing or is not the one its data was written with."""

"""Logging: constant event text plus fields, one line per event, ids instead of people.

What a library or a vendor puts into a message or an exception is beyond our rules: e-mail addresses, cards and long
numbers are masked in every line, whatever wrote it.
"""

from __future__ import annotations

import copy
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

from voc.core.personal import masked

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class Discreet(logging.Filter):
    """Takes e-mail addresses, cards and long numbers out of message, fields, traceback and stack of a record.

    A filter of `logging` changes the record for whoever comes after it; `discreet` gives a copy instead.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; every record passes."""
        vars(record).update(_masked_parts(record))
        return True

    def discreet(self, record: logging.LogRecord) -> logging.LogRecord:
        """A masked copy; the record itself stays for other handlers."""
        clean = copy.copy(record)
        self.filter(clean)
        return clean


def _masked_parts(record: logging.LogRecord) -> dict[str, Any]:
    parts: dict[str, Any] = {"msg": masked(_message(record)), "args": None}
    if record.exc_info and not record.exc_text:
        record.exc_text = logging.Formatter().formatException(record.exc_info)
    if record.exc_text:
        parts |= {"exc_text": masked(record.exc_text), "exc_info": None}
    if record.stack_info:
        parts["stack_info"] = masked(record.stack_info)
    return parts | {name: _value(value) for name, value in _fields(record).items()}


def _message(record: logging.LogRecord) -> str:
    """The message; one whose arguments do not fit is logged as it is rather than lost."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"


def _value(value: Any) -> Any:
    """A field without personal data: plain numbers stay numbers, of anything else the text is looked at."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {masked(str(key)): _value(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(inner) for inner in value]
    return masked(str(value))


class _Stream(logging.StreamHandler[Any]):
    """Writes masked copies."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a masked copy."""
        return super().format(_DISCREET.discreet(record))


_DISCREET = Discreet()


class TextFormat(logging.Formatter):
    """`time level logger event key=value …`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows on its own lines."""
        line = super().format(record)
        extra = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        if not extra:
            return line
        head, newline, rest = line.partition("\n")
        return f"{head} {extra}{newline}{rest}"


class JsonFormat(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a traceback is the field `traceback`."""
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_text or record.exc_info:
            entry["traceback"] = record.exc_text or self.formatException(record.exc_info or (None, None, None))
        return json.dumps(entry, default=str, ensure_ascii=False)


def configure(*, level: str = "info", style: str = "text") -> None:
    """Send every logger to standard error in the chosen form; replaces what was configured before."""
    handler = _Stream(sys.stderr)
    if style == "json":
        handler.setFormatter(JsonFormat())
    else:
        handler.setFormatter(TextFormat("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("alembic", "waitress.queue", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))

"""Feedback as records, and those as JSON lines. Each page is read in a transaction of its own: nobody is held up."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.db import Database
from voc.runtime.export import queries
from voc.runtime.export.queries import AnyRow

PAGE = 200


def feedback_lines(db: Database, *, everything: bool = False) -> Iterator[str]:
    """The records, each as one line of JSON."""
    return map(_line, feedback_records(db, everything=everything))


def write_jsonl(records: Iterable[dict[str, Any]], stream: IO[bytes], *, everything: bool) -> None:
    """Write every record to `stream` as one line of JSON; `everything` is in the records already."""
    for record in records:
        stream.write(_line(record).encode("utf-8") + b"\n")


def feedback_records(db: Database, *, everything: bool = False) -> Iterator[dict[str, Any]]:
    """JSON-safe data for each feedback, oldest first; a score of 0 is 0, an unanswered one is None.

    `everything` adds the raw text to each and, after them, whatever came in and is no feedback: robots, ignored, in
    quarantine, not yet read (`kind` is then `receipt`).
    """
    for row in _pages(db, lambda session, after: queries.feedback_rows(session, after, PAGE, raw=everything)):
        yield _feedback(row) | (_raw(row.body) if everything else {})
    if everything:
        for row in _pages(db, lambda session, after: queries.other_receipts(session, after, PAGE)):
            yield _receipt(row) | _raw(row.body)


def _pages(db: Database, page: Callable[[Session, UUID | None], Sequence[AnyRow]]) -> Iterator[AnyRow]:
    after: UUID | None = None
    while True:
        with db.reading() as session:
            rows = page(session, after)
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _feedback(row: AnyRow) -> dict[str, Any]:
    result = row.result or {}
    return {
        "kind": "feedback",
        "id": str(row.id),
        "receipt_id": str(row.receipt_id),
        "received_at": _at(row.received_at),
        "sent_at": _at(row.sent_at),
        "channel": row.slug,
        "channel_kind": row.kind,
        "tracking_code": row.tracking_code,
        "language": row.language or row.language_hint,
        "text": row.text,
        "metric": row.metric.value if row.metric else None,
        "score": row.score,
        "stance": row.stance.value if row.stance else None,
        "mixed": row.mixed,
        "reasons": row.reasons,
        "policy": row.policy,
        "label": row.label,
        "probability": row.probability,
        "opinions": result.get("opinions", []),
        "risks": result.get("risks", []),
        "author": row.author,
        "consent": row.consent,
        "customer_id": str(row.customer_id) if row.customer_id else None,
        "unit": row.unit,
        "facts": row.facts,
        "case": row.number,
    }


def _receipt(row: AnyRow) -> dict[str, Any]:
    return {
        "kind": "receipt",
        "id": str(row.id),
        "received_at": _at(row.received_at),
        "channel": row.slug,
        "channel_kind": row.kind,
        "tracking_code": row.tracking_code,
        "state": row.state.value,
        "reason": row.reason,
        "content_type": row.content_type,
    }


def _raw(body: bytes | None) -> dict[str, Any]:
    """The body as text, or as base64 when it is none; null once the retention period is over."""
    if body is None:
        return {"raw": None}
    try:
        return {"raw": bytes(body).decode("utf-8")}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(body).decode("ascii")}


def _at(value: datetime | None) -> str | None:
    return value.isoformat() if value else None

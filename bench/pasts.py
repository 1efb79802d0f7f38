"""A house with a past to understand again: every feedback accepted and worked off as always, then marked as understood
by another model. The words are those of the committed corpus, in three languages, each of them several times.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from voc.api import incoming
from voc.cases.escalate import sweep
from voc.core.settings import load as load_settings
from voc.core.vocabulary import LANGUAGES, Door
from voc.insights.rollups import roll_up, work_off
from voc.intake.incoming import Incoming
from voc.intake.writer import accept_all
from voc.jobs.engine import Engine
from voc.model import Analysis, Channel, Work
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

CORPUS = Path(__file__).resolve().parents[1] / "voc" / "analysis" / "corpus"
BATCH = 500
DAYS = 90
OLDER = "before"  # the version of the other model


def fill(folder: Path, items: int, tell: Callable[[str], None]) -> None:
    """Make an instance with so many feedback, understood by "another" model, and everything counted."""
    runtime = open_instance(load_settings({}, instance=folder), create=True)
    try:
        with runtime.db.reading() as session:
            channel_id = session.scalars(select(Channel.id)).first()
        assert channel_id is not None
        said = _said(items)
        for number in range(0, items, BATCH):
            rows = [_incoming(runtime, channel_id, body, items, number + at) for at, body in _batch(said)]
            with runtime.db.writing(durable=False) as session:
                accept_all(session.connection(), runtime.registry, rows, look=False)
            Engine(runtime, worker="bench").drain("flow")
            if number % 10_000 == 0:
                tell(f"  {number:,} of {items:,} filled")
        # Nobody ever answered: everything is overdue, and everybody was told so before the run begins.
        sweep(runtime, runtime.clock())
        roll_up(runtime, runtime.clock())
        work_off(runtime)
        with runtime.db.writing(patience=60) as session:
            session.execute(delete(Work))
            session.execute(update(Analysis).values(version=OLDER))
    finally:
        runtime.close()


def _said(items: int) -> Iterator[dict[str, Any]]:
    """Bodies of the API: half with a score, one in three with somebody to answer to."""
    chance = random.Random(24)
    lines = [
        json.loads(line)
        for language in LANGUAGES
        for line in (CORPUS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    texts = [(row["text"], row["lang"]) for row in lines if row["text"].strip() and row["lang"] in LANGUAGES]
    chance.shuffle(texts)
    for number in range(items):
        text, language = texts[number % len(texts)]
        body: dict[str, Any] = {"text": text, "language": language}
        if number % 2:
            body |= {"metric": "nps", "score": chance.randrange(11)}
        if number % 3 == 0:
            body["customer"] = {"name": "Rosa Quispe", "email": f"rosa{number}@example.com"}
        yield body


def _batch(said: Iterator[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    return enumerate(islice(said, BATCH))


def _incoming(runtime: Runtime, channel_id: UUID, said: dict[str, Any], items: int, number: int) -> Incoming:
    """One delivery of the past; they come in the order of time."""
    now = runtime.clock()
    body = json.dumps(said).encode()
    values, errors = incoming.read(said, slug="", now=now)
    assert not errors, errors
    return Incoming(
        door=Door.API,
        channel_id=channel_id,
        content_type="application/json",
        body=body,
        received_at=now - timedelta(days=DAYS) * (1 - number / items),
        content_hash=hashlib.sha256(body).digest(),
        feedback=incoming.columns(values),
    )

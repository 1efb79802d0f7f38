"""SLA versions as objects. A version never changes, so each is parsed once per process."""

from __future__ import annotations

import threading
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.clock import Sla

_known: dict[UUID, Sla] = {}
_lock = threading.Lock()


def sla_of(session: Session, version_id: UUID) -> Sla:
    """The SLA of this version; raises NotFound."""
    with _lock:
        sla = _known.get(version_id)
    if sla is None:
        sla = Sla.from_definition(queries.sla_definition(session, version_id))
        with _lock:
            if len(_known) > 200:
                _known.clear()
            _known[version_id] = sla
    return sla

"""What the pipeline dated today while it told the past: whoever spoke first in the past has been known since then, and
a rule acted when the words came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.db.bulk import bulk_update
from voc.db.types import table_of
from voc.model import Customer, Identity, RuleMatch
from voc.runtime.demo import queries


def backdate(session: Session, started_at: datetime) -> None:
    """Give what was written since the demo began the moment of the words it came with; twice is once."""
    since = queries.known_since(session, started_at)
    rows = [{"id": customer_id, "created_at": at} for customer_id, at in since.items()]
    bulk_update(session.connection(), table_of(Customer), rows)
    for customer_id, at in since.items():
        session.execute(
            update(Identity)
            .where(Identity.customer_id == customer_id, Identity.created_at > started_at)
            .values(created_at=at)
            .execution_options(synchronize_session=False)
        )
    matches = queries.acted_at(session, started_at)
    rows = [{"id": match_id, "created_at": at} for match_id, at in matches.items()]
    bulk_update(session.connection(), table_of(RuleMatch), rows)

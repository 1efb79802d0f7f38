"""A shop with a little of everything on its pages, also texts that are hard to lay out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.browser.conftest import Shop
from voc.cases.answer import answer
from voc.cases.note import add_note
from voc.core.vocabulary import MessageState, RoleName
from voc.db import Database
from voc.model import Case, Feedback, Message, Obligation
from voc.runtime.instance import open_instance
from voc.security import queries, tokens, users

SAID: tuple[dict[str, Any], ...] = (
    {"text": "La entrega llegó tarde y el producto roto. Voy a denunciar con mi abogado.", "metric": "nps", "score": 1,
     "customer": {"name": "Rosa Elena Quispe Mamani", "email": "rosa@correo.example", "phone": "+51 987 654 321"},
     "unit": "Arequipa"},
    {"text": "The staff was rude, but the delivery was quick and the price is great.", "metric": "nps", "score": 9,
     "customer": {"name": "Ann O'Neill", "email": "ann@mail.example"}},
    {"text": "Ontem fui à loja do centro.", "customer": {"name": "Vanderlei"}},
    {"text": "Ayer fui a la tienda.\n\nDespués volví a mi casa.\nEso fue todo."},
    {"text": "W" * 300 + " llegó rota", "metric": "csat", "score": 1,
     "customer": {"name": "Maximiliana" * 9, "email": "maximiliana." * 4 + "a@correo-muy-largo-de-verdad.example",
                  "external_id": "N" * 90},
     "unit": "Sucursal-número-cuarenta-y-dos-de-San-Juan-de-Lurigancho"},
    {"metric": "stars", "score": 2},
    {"text": "Muito bom, obrigado.", "metric": "nps", "score": 10, "customer": {"name": "João"}},
    {"text": "Excellent service, I love this store.", "metric": "nps", "score": 10},
    {"text": "Está bien, nada más. " * 60, "metric": "nps", "score": 7},
)  # fmt: skip
PATIENCE = 60.0


@dataclass(frozen=True)
class Furnished:
    """Where to find what. `thanks` and `status` are signed paths; the ids are of a case that waits and one answered."""

    code: str
    thanks: str
    status: str
    case: UUID
    obligation: UUID
    answered: UUID
    feedback: UUID
    customer: UUID


def furnish_shop(shop: Shop) -> Furnished:
    """Let customers speak and a colleague answer one of them; returns when everything has been done."""
    with closing(open_instance(shop.settings, create=False, with_plugins=False)) as runtime:
        database = runtime.db
        with database.writing() as session:
            now = datetime.now(UTC)
            token = tokens.add(session, name="pages", scopes=["feedback:write"], now=now)
            person = users.add(
                session, email="sofia@aurora.example", name="Sofía", role=RoleName.ADMIN, language="es", now=now
            )
        told = [tell(shop, token, item) for item in SAID]
        waits, done = UUID(told[4]["id"]), UUID(told[0]["id"])
        until(database, lambda session: _unread(session) == 0)
        with database.reading() as session:
            case, answered = _case(session, waits), _case(session, done)
            obligation = session.scalars(select(Obligation.id).where(Obligation.feedback_id == waits)).one()
            actor = queries.actor_of(session, person.id)
        with database.writing() as session:
            now = datetime.now(UTC)
            add_note(session, answered.id, actor=actor, text="Llamar a la tienda.\nPreguntar por Luis.", now=now)
            version = session.get_one(Case, answered.id).version
            message_id = answer(
                session, answered.id, actor=actor, text="Lo sentimos mucho.\n\nMañana sale otro.\n\nSofía",
                version=version, now=now, domain="aurora.example",
            )  # fmt: skip
        # What comes next wakes the worker, which then also sends the answer.
        tell(shop, token, {"metric": "nps", "score": 9})
        until(database, lambda session: session.get_one(Message, message_id).state is MessageState.SENT)
        code = told[0]["tracking_code"]
        signed = runtime.keys.sign("status", code)
    return Furnished(
        code=code,
        thanks=f"/f/feedback/thanks?c={code}&s={signed}",
        status=f"/t/{code}?s={signed}",
        case=case.id,
        obligation=obligation,
        answered=answered.id,
        feedback=UUID(told[1]["id"]),
        customer=case.customer_id or case.id,
    )


def tell(shop: Shop, token: str, item: dict[str, Any]) -> dict[str, Any]:
    """One feedback through the API; what it answered."""
    status, body = shop.request("POST", "/api/v1/feedback", item, {"Authorization": f"Bearer {token}"})
    assert status == 201, body
    found: dict[str, Any] = json.loads(body)
    return found


def until(database: Database, condition: Callable[[Session], bool]) -> None:
    """Look again and again with fresh eyes; bounded."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with database.reading() as session:
            if condition(session):
                return
        assert time.monotonic() < deadline, "the worker does not get on"
        time.sleep(0.1)


def _unread(session: Session) -> int:
    """How many feedback have no stance yet; cases and judgements are made together with it."""
    return session.scalar(select(func.count()).select_from(Feedback).where(Feedback.stance.is_(None))) or 0


def _case(session: Session, feedback_id: UUID) -> Case:
    """The case of one feedback."""
    joined = select(Case).join(Obligation, Obligation.case_id == Case.id).where(Obligation.feedback_id == feedback_id)
    return session.scalars(joined).one()

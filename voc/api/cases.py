"""Cases over the API: reading them. Changing them is for people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from voc.api import examples
from voc.api.answers import CaseOut, CasePage
from voc.api.bearer import caller
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import CaseQuery, no_such, page_of, query
from voc.cases import queries
from voc.core.errors import NotFound
from voc.core.vocabulary import Scope

blueprint = Operations("cases", __name__, url_prefix="/api/v1", description="The work of following up.")

_CASE_QUERY = CaseQuery()


@blueprint.serves(
    "GET",
    "/cases",
    422,
    scope=Scope.CASES_READ,
    answer=CasePage,
    example=examples.CASE_PAGE,
    operationId="listCases",
    parameters=[{"in": "query", "schema": CaseQuery}],
)
def list_cases() -> dict[str, Any]:
    """List the cases of a queue, those first that need attention most.

    Needs the scope `cases:read`. Pages by key: follow `next`. Resolved cases come newest first.
    """
    asked = query(_CASE_QUERY)
    house = runtime()
    with house.db.reading() as session:
        page = queries.inbox_page(
            session,
            queue=asked["queue"],
            viewer=caller().actor(),
            now=house.clock(),
            after=asked.get("after"),
            limit=asked["limit"],
        )
    return page_of(page)


@blueprint.serves(
    "GET",
    "/cases/<uuid:case_id>",
    404,
    scope=Scope.CASES_READ,
    answer=CaseOut,
    example=examples.CASE,
    operationId="getCase",
)
def get_case(case_id: UUID) -> Any:
    """Read one case with its feedback, messages, notes and history.

    Needs the scope `cases:read`.
    """
    with runtime().db.reading() as session:
        try:
            return queries.case_view(session, case_id, viewer=caller().actor())
        except NotFound:
            raise no_such("case") from None

"""Customers over the API: who somebody is, found by exactly what was proved of them. There is no list of everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, fields

from voc.api import declared, examples
from voc.api.bearer import caller
from voc.api.fields import Line
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import no_such, query
from voc.api.problems import invalid
from voc.core.errors import NotFound
from voc.core.vocabulary import IdentityKind, IdentitySource, Scope
from voc.customers.reading.queries import customer_view, customer_with

blueprint = Operations("customers", __name__, url_prefix="/api/v1", description="Who it is.")

LONGEST = 320


class IdentityOut(Schema):
    """By what a customer is known, proved by somebody."""

    kind = declared.word(IdentityKind, "What it is.")
    value = declared.text("As it is compared.", examples=["C-10442"])
    source = declared.word(IdentitySource, "Who proved it.")
    verified_by = declared.text("The colleague who put their name to it.", null=True)
    created_at = declared.at("Since when.")


class OpenCaseOut(Schema):
    """The case that is being worked on."""

    id = declared.key("The case.")
    number = declared.number("Its number for people.")
    opened_at = declared.at("When it was opened.")
    next_due_at = declared.at("The deadline that comes next.", null=True)


class CustomerOut(Schema):
    """A customer with what is known."""

    id = declared.key("The customer.")
    version = declared.number("Rises with every change a person makes.")
    name = declared.text("The name.", null=True)
    language = declared.text("Language.", null=True)
    preferred_channel = declared.text("The way to answer that the customer prefers.", null=True)
    segment = declared.text("Segment.", null=True)
    value = declared.number("What the customer is worth, as somebody typed it.", null=True)
    created_at = declared.at("When the customer was first known.")
    heard_at = declared.at("The newest feedback.", null=True)
    consent_at = declared.at("When the customer last agreed to be contacted.", null=True)
    identities = fields.List(fields.Nested(IdentityOut), required=True)
    open_case = fields.Nested(
        OpenCaseOut, required=True, allow_none=True, metadata={"description": "The open case, if there is one."}
    )


class CustomerPage(Schema):
    """The customer who was asked for, or nobody."""

    items = fields.List(fields.Nested(CustomerOut), required=True)
    next = declared.text("Always null: there is at most one.", null=True)


class CustomerQuery(Schema):
    """Exactly what somebody is known by; with several of them all must be the same customer's."""

    class Meta:
        unknown = RAISE

    external_id = Line(
        limit=LONGEST, metadata={"description": "The id in the company's own system.", "examples": ["C-10442"]}
    )
    email = Line(limit=LONGEST, metadata={"description": "A verified e-mail address, whole."})
    phone = Line(limit=LONGEST, metadata={"description": "A verified phone number, with its country."})


_QUERY = CustomerQuery()


@blueprint.serves(
    "GET",
    "/customers",
    422,
    scope=Scope.CASES_READ,
    answer=CustomerPage,
    example=examples.CUSTOMER_PAGE,
    operationId="findCustomer",
    parameters=[{"in": "query", "schema": CustomerQuery}],
)
def find_customer() -> dict[str, Any]:
    """Find the customer with exactly this id, address or number.

    Needs the scope `cases:read`: what a case shows of its customer stands here too. One of the three must be given;
    there is no list of everybody. Only what was verified is found: an address that somebody merely typed is nobody's.
    """
    asked = query(_QUERY)
    wanted = {IdentityKind(name): value for name, value in asked.items() if value is not None}
    if not wanted:
        raise invalid({"external_id": ["Is missing: give external_id, email or phone."]})
    house, viewer = runtime(), caller().actor()
    with house.db.reading() as session:
        found = customer_with(session, house.keys, wanted, viewer=viewer)
        items = [customer_view(session, found, viewer=viewer)] if found else []
    return {"items": items, "next": None}


@blueprint.serves(
    "GET",
    "/customers/<uuid:customer_id>",
    404,
    scope=Scope.CASES_READ,
    answer=CustomerOut,
    example=examples.CUSTOMER,
    operationId="getCustomer",
)
def get_customer(customer_id: UUID) -> Any:
    """Read one customer with identities and open case.

    Needs the scope `cases:read`.
    """
    with runtime().db.reading() as session:
        try:
            return customer_view(session, customer_id, viewer=caller().actor())
        except NotFound:
            raise no_such("customer") from None

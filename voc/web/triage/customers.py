"""Customers: finding them, and one customer's page: who it is, what was said and done, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from voc.core.errors import Conflict, Invalid
from voc.core.vocabulary import LANGUAGES, IdentityKind
from voc.customers import identities
from voc.customers.profile import Profile, change_profile
from voc.customers.reading.queries import channel_choices, customer_page, customer_view, segments
from voc.customers.reading.timeline.queries import timeline_page
from voc.customers.views import CustomerView
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.triage.pages import blueprint
from voc.web.triage.panels import drawn_panels

LONGEST = 320
KINDS = {
    IdentityKind.EXTERNAL_ID: lazy_gettext("Customer number"),
    IdentityKind.EMAIL: lazy_gettext("E-mail"),
    IdentityKind.PHONE: lazy_gettext("Phone"),
    IdentityKind.HANDLE: lazy_gettext("Account in a network"),
}
CHANNELS = {"email": lazy_gettext("E-mail"), "phone": lazy_gettext("Phone")}


def kind_word(kind: str) -> str:
    """What kind of identity it is."""
    return str(KINDS[IdentityKind(kind)])


def way_word(kind: str) -> str:
    """A way to answer; another channel is called as its plugin is."""
    return str(CHANNELS.get(kind) or runtime().host.said(kind, language()).title)


@blueprint.get("/customers")
@signed_in("customer.view")
def customer_list() -> ResponseReturnValue:
    """The newest customers, or those with this name, address or number."""
    typed, after = request.args.get("q", "")[:LONGEST], request.args.get("after")
    with runtime().db.reading() as session:
        page = customer_page(session, runtime().keys, typed=typed, viewer=actor(), after=after)
    return render_template(
        "triage/customers.html", typed=typed, rows=page.rows, more=page.next, first=after is None, kind_word=kind_word
    )


@blueprint.get("/customers/<uuid:customer_id>")
@signed_in("customer.view")
def customer(customer_id: UUID) -> ResponseReturnValue:
    """One customer; raises NotFound."""
    return customer_page_of(customer_id)


def customer_page_of(
    customer_id: UUID,
    *,
    status: int = 200,
    warning: str | None = None,
    errors: Mapping[str, list[str]] | None = None,
    typed: Profile | None = None,
    attaching: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """The customer as it stands now; `typed` and `attaching` go back into the fields of a form that was refused."""
    viewer, after = actor(), request.args.get("after")
    with runtime().db.reading() as session:
        view = customer_view(session, customer_id, viewer=viewer)
        page = timeline_page(session, customer_id, viewer=viewer, after=after)
        ways, names = channel_choices(session), segments(session)
        panels = drawn_panels(session, "customer", customer_id, customer_id)
    html = render_template(
        "triage/customer.html",
        customer=view,
        panels=panels,
        moments=page.rows,
        more=page.next,
        first=after is None,
        ways=list(dict.fromkeys([*ways, *([view.preferred_channel] if view.preferred_channel else [])])),
        segments=names,
        languages=LANGUAGES,
        kinds=list(IdentityKind),
        kind_word=kind_word,
        way_word=way_word,
        me=viewer,
        warning=warning,
        errors=errors or {},
        typed=typed or profile_of(view),
        editing=typed is not None,
        attaching=attaching or {},
    )
    return make_response(html, status)


def profile_of(view: CustomerView) -> Profile:
    """What stands in the fields before anybody typed."""
    return Profile(
        name=view.name or "",
        language=view.language or "",
        preferred_channel=view.preferred_channel or "",
        segment=view.segment or "",
        value="" if view.value is None else str(view.value),
    )


@blueprint.post("/customers/<uuid:customer_id>/profile")
@signed_in("customer.edit")
def customer_edit(customer_id: UUID) -> ResponseReturnValue:
    """Store the profile; nothing typed is lost when it cannot be."""
    typed = Profile(**{name: request.form.get(name, "")[:1000] for name in Profile.__dataclass_fields__})

    def act(session: Session) -> None:
        ways = channel_choices(session)
        change_profile(session, customer_id, actor=actor(), typed=typed, channels=ways, version=_version(), now=now())

    return _change(customer_id, act, done=_("Saved."), typed=typed)


@blueprint.post("/customers/<uuid:customer_id>/identities")
@signed_in("customer.identify")
def customer_attach(customer_id: UUID) -> ResponseReturnValue:
    """Attach an identity that somebody here has proof of."""
    kind, value = request.form.get("kind", ""), request.form.get("value", "")[:LONGEST]
    if kind not in set(IdentityKind):
        raise Invalid(fields={"kind": ["Please choose one of the answers shown."]})

    def act(session: Session) -> None:
        known = IdentityKind(kind)
        keys = runtime().keys
        identities.attach(
            session, keys, customer_id, actor=actor(), kind=known, value=value, version=_version(), now=now()
        )

    done = _("Attached. What comes in with it from now on belongs to this customer.")
    return _change(customer_id, act, done=done, attaching={"kind": kind, "value": value})


@blueprint.post("/customers/<uuid:customer_id>/identities/<uuid:identity_id>/verify")
@signed_in("customer.identify")
def customer_verify(customer_id: UUID, identity_id: UUID) -> ResponseReturnValue:
    """Put one's name to an identity."""

    def act(session: Session) -> None:
        identities.verify(session, customer_id, identity_id, actor=actor(), version=_version(), now=now())

    return _change(customer_id, act, done=_("Verified, in your name."))


@blueprint.post("/customers/<uuid:customer_id>/identities/<uuid:identity_id>/detach")
@signed_in("customer.identify")
def customer_detach(customer_id: UUID, identity_id: UUID) -> ResponseReturnValue:
    """Take an identity away from a customer."""

    def act(session: Session) -> None:
        identities.detach(session, customer_id, identity_id, actor=actor(), version=_version(), now=now())

    return _change(customer_id, act, done=_("Taken away. What came in with it stays where it is."))


@blueprint.post("/customers/<uuid:customer_id>/duplicates/<uuid:duplicate_id>/settle")
@signed_in("customer.identify")
def customer_not_duplicate(customer_id: UUID, duplicate_id: UUID) -> ResponseReturnValue:
    """Say that two customers are two people."""

    def act(session: Session) -> None:
        identities.settle_duplicate(session, customer_id, duplicate_id, actor=actor(), now=now())

    return _change(customer_id, act, done=_("Two different customers: nobody will be asked again."))


def _change(customer_id: UUID, act: Callable[[Session], None], *, done: str, **kept: Any) -> ResponseReturnValue:
    """Do `act` in one unit of work and show the customer; when it may not be, with what was typed (`kept`)."""
    try:
        with runtime().db.writing() as session:
            act(session)
    except Conflict:
        warning = _("Somebody changed this customer a moment ago. What was typed is still here, and not stored.")
        return customer_page_of(customer_id, status=409, warning=warning, **kept)
    except Invalid as error:
        return customer_page_of(customer_id, status=422, errors=in_words(error.fields), **kept)
    flash(done, "good")
    return redirect(f"/customers/{customer_id}", 303)


def _version() -> int:
    """The version of the customer that the page was drawn from; 0 when it does not say."""
    return request.form.get("version", 0, type=int)

"""Who somebody is: identities, their conflicts, what a person may change, the timeline; on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from voc.cases.answer import answer
from voc.cases.note import add_note
from voc.cases.resolve import resolve
from voc.core.errors import Conflict, Forbidden, Invalid, NotFound
from voc.core.ids import new_id
from voc.core.vocabulary import Door, IdentityKind, IdentitySource, Metric, RoleName, Stance
from voc.customers import identities
from voc.customers.identify import Who, identify
from voc.customers.profile import Profile, change_profile
from voc.customers.reading.queries import customer_page, customer_view
from voc.customers.reading.timeline.queries import timeline_page
from voc.intake.incoming import Incoming
from voc.model import AuditEntry, Case, ContactPoint, Customer, Feedback, Identity, PossibleDuplicate, User
from voc.pipeline.correct import correct_stance
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.security import tokens
from voc.security.access import SYSTEM, Actor

ANA = {"external_id": "C-1", "name": "Ana Muñoz", "email": "ana@example.com", "verified": True}
NUMBER = {"external_id": "C-1", "verified": True}
AGENT = Actor(user_id=None, role=RoleName.AGENT, team_ids=frozenset(), name="agent")


@dataclass
class Talking:
    """A house in which customers speak through the API and are answered."""

    runtime: Runtime
    clock: Any
    work: Callable[[], None]
    channel_id: UUID
    count: int = 0

    def now(self) -> datetime:
        return self.runtime.clock()

    def say(self, words: str, score: int, **who: Any) -> UUID:
        self.count += 1
        body = repr((words, self.count)).encode()
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.channel_id,
                content_type="application/json",
                body=body,
                received_at=self.now(),
                content_hash=hashlib.sha256(body).digest(),
                feedback={"text": words, "metric": Metric.NPS, "score": score, "author": author(**who)},
            )
        )
        self.work()
        assert accepted.feedback_id is not None
        return accepted.feedback_id

    def case(self) -> Case:
        """The case of the first customer."""
        with self.runtime.db.reading() as session:
            return session.scalars(select(Case).where(Case.customer_id.is_not(None)).order_by(Case.id)).first()  # type: ignore[return-value]

    def timeline(self, limit: int = 50) -> list[Any]:
        """All of it, page by page, of the first customer."""
        found: list[Any] = []
        after = None
        while True:
            with self.runtime.db.reading() as session:
                customer_id = session.scalars(select(Customer.id).order_by(Customer.id)).first()
                assert customer_id is not None
                page = timeline_page(session, customer_id, viewer=AGENT, after=after, limit=limit)
            found += page.rows
            after = page.next
            if after is None:
                return found


@pytest.fixture
def talking(runtime: Runtime, clock: Any, work: Callable[[], None]) -> Talking:
    """On both databases in turn."""
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    return Talking(runtime, clock, work, found.channel_id)


def author(**known: Any) -> dict[str, Any]:
    return {"name": None, "email": None, "phone": None, "external_id": None, "handle": None, "verified": False, **known}


def meet(runtime: Runtime, *authors: dict[str, Any]) -> list[Who]:
    """Identify these authors in one batch."""
    with runtime.db.writing() as session:
        ids = [new_id() for _ in authors]
        found = identify(
            session,
            runtime.keys,
            [(key, author(**one), "es") for key, one in zip(ids, authors, strict=True)],
            now=runtime.clock(),
        )
    return [found[key] for key in ids]


def count(runtime: Runtime, model: Any) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_only_a_verified_identity_joins(runtime: Runtime) -> None:
    known, typed, again = meet(runtime, ANA, {"email": "ana@example.com"}, {**ANA, "name": "A. M."})
    assert known.customer_id == again.customer_id is not None
    assert typed.customer_id is None
    assert typed.contact_point_id is not None
    assert count(runtime, Customer) == 1
    assert count(runtime, Identity) == 1, "the address beside the company's own id was only passed on"
    assert meet(runtime, ANA)[0].customer_id == known.customer_id
    with runtime.db.reading() as session:
        customer = session.scalars(select(Customer)).one()
        assert (customer.name, customer.name_key, customer.version) == ("Ana Muñoz", "ana munoz", 1)
        point = session.get_one(ContactPoint, typed.contact_point_id)
        assert (point.email_key, point.phone_key) == ("ana@example.com", None)


def test_addresses_that_a_channel_proved(runtime: Runtime) -> None:
    mail = {"email": "Rosa@Example.com", "verified": True}
    fedi = {"handle": "@Rosa@social.example", "verified": True}
    (one,), (two,) = meet(runtime, mail), meet(runtime, {"email": "Rosa@EXAMPLE.COM", "verified": True})
    (three,) = meet(runtime, fedi)
    assert one.customer_id == two.customer_id is not None
    assert three.customer_id not in (None, one.customer_id)
    (nobody,) = meet(runtime, {"handle": "@rosa", "verified": True})
    assert nobody.customer_id is None, "a name that only one platform knows proves nothing"


def test_several_proofs_make_one_customer(runtime: Runtime) -> None:
    both = {"email": "eva@example.com", "phone": "+51 987 654 321", "verified": True}
    (one,) = meet(runtime, both)
    (mail,), (call,) = (
        meet(runtime, {"email": "eva@example.com", "verified": True}),
        meet(runtime, {"phone": "0051987654321", "verified": True}),
    )
    assert one.customer_id == mail.customer_id == call.customer_id
    assert count(runtime, Identity) == 2


def test_two_customers_in_one_feedback_are_flagged_and_never_merged(runtime: Runtime) -> None:
    (mail,), (number,) = meet(runtime, {"email": "a@example.com", "verified": True}), meet(runtime, ANA)
    proofs = {"external_id": "C-1", "email": "a@example.com", "verified": ["external_id", "email"]}
    one, two = meet(runtime, proofs, proofs)
    assert one.customer_id == two.customer_id == number.customer_id, "the stronger one"
    assert meet(runtime, {"email": "a@example.com", "verified": True})[0].customer_id == mail.customer_id
    with runtime.db.reading() as session:
        pair = session.scalars(select(PossibleDuplicate)).one()
        assert {pair.customer_id, pair.other_id} == {mail.customer_id, number.customer_id}
        assert pair.customer_id < pair.other_id
    meet(runtime, proofs)
    assert count(runtime, PossibleDuplicate) == 1, "asked once"


def test_a_shared_address_does_not_join_two_numbers(runtime: Runtime) -> None:
    proved = {"email": "family@example.com", "verified": ["external_id", "email"]}
    (one,), (two,) = meet(runtime, {**proved, "external_id": "C-1"}), meet(runtime, {**proved, "external_id": "C-2"})
    assert one.customer_id != two.customer_id
    assert count(runtime, PossibleDuplicate) == 1
    assert meet(runtime, {"email": "family@example.com", "verified": True})[0].customer_id == one.customer_id
    a, b = meet(
        runtime,
        *({"external_id": f"D-{n}", "email": "d@example.com", "verified": ["external_id", "email"]} for n in (1, 2)),
    )
    assert a.customer_id != b.customer_id, "in one batch too"


def test_an_empty_batch_and_strangers(runtime: Runtime) -> None:
    assert meet(runtime) == []
    (nobody,) = meet(runtime, {"verified": True})
    assert nobody == Who(None, None)


# ——— What a person changes


@pytest.fixture
def ana(runtime: Runtime) -> UUID:
    found = meet(runtime, ANA)[0].customer_id
    assert found is not None
    return found


def boss(runtime: Runtime) -> Actor:
    with runtime.db.reading() as session:
        admin = session.scalars(select(User)).first()
        assert admin is not None
        return replace(SYSTEM, user_id=admin.id, role=RoleName.MANAGER)


def test_a_profile_is_changed_once(runtime: Runtime, ana: UUID) -> None:
    typed = Profile(name="Ana María", language="pt", segment="oro", value="100", preferred_channel="phone")

    def change(version: int, what: Profile = typed) -> None:
        with runtime.db.writing() as session:
            change_profile(
                session, ana, actor=AGENT, typed=what, channels=["email", "phone"], version=version, now=runtime.clock()
            )

    change(1)
    with pytest.raises(Conflict):
        change(1)
    with pytest.raises(Invalid):
        change(2, Profile(language="xx"))
    with runtime.db.reading() as session:
        row = session.get_one(Customer, ana)
        assert (row.version, row.name, row.name_key, row.language) == (2, "Ana María", "ana maria", "pt")
        assert (row.segment, row.value, row.preferred_channel) == ("oro", 100, "phone")
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == ana)).one()
        assert entry.action == "customer.changed"
        assert "Ana" not in str(entry.data)


def test_identities_are_attached_verified_and_taken_away(runtime: Runtime, ana: UUID) -> None:
    actor = boss(runtime)

    def do(what: Any, *more: Any, version: int, **named: Any) -> Any:
        with runtime.db.writing() as session:
            return what(session, *more, actor=actor, version=version, now=runtime.clock(), **named)

    phone = do(identities.attach, runtime.keys, ana, kind=IdentityKind.PHONE, value="+51 987 654 321", version=1)
    again = do(identities.attach, runtime.keys, ana, kind=IdentityKind.PHONE, value="0051987654321", version=2)
    assert again == phone
    assert meet(runtime, {"phone": "+51987654321", "verified": True})[0].customer_id == ana
    with pytest.raises(Invalid):
        do(identities.attach, runtime.keys, ana, kind=IdentityKind.EMAIL, value="nonsense", version=3)
    (other,) = meet(runtime, {"email": "o@example.com", "verified": True})
    with pytest.raises(Invalid):
        do(identities.attach, runtime.keys, ana, kind=IdentityKind.EMAIL, value="o@example.com", version=3)
    with pytest.raises(Conflict):
        do(identities.detach, ana, phone, version=1)
    do(identities.verify, ana, phone, version=3)
    do(identities.detach, ana, phone, version=4)
    with pytest.raises(NotFound):
        do(identities.detach, ana, phone, version=5)
    fresh = meet(runtime, {"phone": "+51987654321", "verified": True})[0].customer_id
    assert fresh not in (None, ana, other.customer_id), "what was taken away joins nobody"
    with runtime.db.reading() as session:
        view = customer_view(session, ana, viewer=AGENT)
        assert [(item.kind, item.source) for item in view.identities] == [
            (IdentityKind.EXTERNAL_ID, IdentitySource.CHANNEL)
        ]
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == ana)).all()
    assert sorted(actions) == ["identity.attached", "identity.detached", "identity.verified"]
    with runtime.db.writing() as session, pytest.raises(Forbidden):
        identities.detach(session, ana, phone, actor=AGENT, version=5, now=runtime.clock())


def test_a_pair_is_settled_once(runtime: Runtime, ana: UUID) -> None:
    meet(runtime, {"email": "a@example.com", "verified": True})
    meet(runtime, {"external_id": "C-1", "email": "a@example.com", "verified": ["external_id", "email"]})
    with runtime.db.reading() as session:
        (pair,) = customer_view(session, ana, viewer=AGENT).duplicates
        (mirror,) = customer_view(session, pair.other_id, viewer=AGENT).duplicates
        assert (mirror.id, mirror.other_id) == (pair.id, ana)
    for _ in range(2):
        with runtime.db.writing() as session:
            try:
                identities.settle_duplicate(session, ana, pair.id, actor=boss(runtime), now=runtime.clock())
            except Conflict:
                break
    else:
        pytest.fail("settled twice")
    with runtime.db.reading() as session:
        assert customer_view(session, ana, viewer=AGENT).duplicates == ()


# ——— Finding


def test_customers_are_found_by_name_and_by_identity(runtime: Runtime, ana: UUID) -> None:
    meet(runtime, *({"external_id": f"N-{n}", "name": name, "verified": True} for n, name in enumerate(
        ["Ana Belén", "ANA Castro", "Mariana", "Ánabel", "Zoé", "an", "%", "Ana_"])))  # fmt: skip
    meet(runtime, {"email": "solo@example.com", "phone": "+51987654321", "verified": True})

    def names(typed: str, limit: int = 50) -> list[str | None]:
        found: list[str | None] = []
        after = None
        while True:
            with runtime.db.reading() as session:
                page = customer_page(session, runtime.keys, typed=typed, viewer=AGENT, after=after, limit=limit)
            found += [row.name or row.identity for row in page.rows]
            after = page.next
            if after is None:
                return found

    assert names("ána") == ["Ana Belén", "ANA Castro", "Ana Muñoz", "Ana_", "Ánabel"]
    assert names("ana", limit=1) == names("ána")
    assert names("%") == ["%"]
    assert names("ana_") == ["Ana_"]
    assert names("nadie") == names("\x00'\"; --") == []
    assert names("C-1") == ["Ana Muñoz"]
    assert names("c-1") == []
    assert names("solo@EXAMPLE.com") == names("+51 987 654 321") == ["solo@example.com"]
    assert len(names("")) == len(names("", limit=2)) == 10
    with runtime.db.reading() as session, pytest.raises(Invalid):
        customer_page(session, runtime.keys, typed="ana", viewer=AGENT, after="x")


# ——— What the page shows


def test_the_timeline_goes_through_all_doors(talking: Talking) -> None:
    talking.say("Muy mal", 1, **NUMBER)
    talking.clock.forward(minutes=5)
    talking.say("Sigue mal", 0, **NUMBER)
    talking.say("Otra persona", 2, email="ana@example.com")
    case, actor = talking.case(), boss(talking.runtime)
    with talking.runtime.db.writing() as session:
        add_note(session, case.id, actor=actor, text="llamar", now=talking.now())
        answer(
            session, case.id, actor=actor, text="Ya va", version=case.version, now=talking.now(), domain="x.test",
            resolve=False,
        )  # fmt: skip
    talking.work()
    talking.clock.forward(minutes=5)
    good = talking.say("Gracias", 10, **NUMBER)
    with talking.runtime.db.writing() as session:
        correct_stance(session, good, actor=actor, stance=Stance.PASSIVE, now=talking.now())
        resolve(session, case.id, actor=actor, version=talking.case().version, now=talking.now())
    kinds = [item.kind for item in talking.timeline()]
    assert kinds[:3] == ["resolved", "stance", "feedback"]
    assert set(kinds[3:5]) == {"message", "note"}
    assert kinds[5:] == ["feedback", "feedback", "opened"] or kinds[5:] == ["feedback", "opened", "feedback"]
    for limit in (1, 2, 3):
        assert talking.timeline(limit) == talking.timeline(), limit
    times = [(item.at, item.id) for item in talking.timeline()]
    assert times == sorted(times, reverse=True)


def test_the_head_of_the_page(talking: Talking) -> None:
    bad = talking.say("Muy mal", 1, **ANA)
    with talking.runtime.db.reading() as session:
        ana = session.get_one(Feedback, bad).customer_id
        assert ana is not None
        view = customer_view(session, ana, viewer=AGENT)
    assert view.open_case is not None
    assert view.open_case.id == talking.case().id
    assert (view.heard_at is not None, view.consent_at, view.elsewhere) == (True, None, ())
    typed = talking.say("Escribo sin cuenta", 9, name="Quizá Ana", email="Ana@example.com")
    alike = talking.say("Escribo sin cuenta", 9, name="Quizá Ana", email="ana@EXAMPLE.com")
    with talking.runtime.db.reading() as session:
        view = customer_view(session, ana, viewer=AGENT)
        assert [hint.feedback_id for hint in view.elsewhere] == [alike], "Ana@ may be somebody else's mailbox"
        assert session.get_one(Feedback, alike).customer_id is None, "a hint joins nothing"
        assert typed not in [item.feedback_id for item in timeline_page(session, ana, viewer=AGENT).rows]
        with pytest.raises(NotFound):
            customer_view(session, new_id(), viewer=AGENT)


def test_a_case_joins_only_by_verified_identity(talking: Talking) -> None:
    one = talking.say("Muy mal", 1, **ANA)
    two = talking.say("Fatal", 2, email="ana@example.com", name="Ana Muñoz")
    three = talking.say("Peor", 0, external_id="C-1", verified=True)
    with talking.runtime.db.reading() as session:
        cases = [session.get_one(Feedback, key).case_id for key in (one, two, three)]
    assert cases[0] == cases[2]
    assert cases[1] not in (None, cases[0])


def test_a_house_with_all_this_is_in_order(talking: Talking) -> None:
    runtime = talking.runtime
    talking.say("Muy mal", 1, **ANA)
    talking.say("Bien", 9, email="a@example.com", verified=True)
    talking.say("Mal", 2, external_id="C-1", email="a@example.com", verified=["external_id", "email"])
    with runtime.db.reading() as session:
        owner = session.scalars(select(Identity).where(Identity.kind == "email")).one()
    with runtime.db.writing() as session:
        identities.detach(session, owner.customer_id, owner.id, actor=boss(runtime), version=1, now=runtime.clock())
    talking.say("Otra vez", 9, email="a@example.com", verified=True)
    assert verify(runtime, now=runtime.clock() + timedelta(seconds=1)).findings == ()

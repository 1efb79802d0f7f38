"""SELECTs about rules, their versions, and what they are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.db.types import table_of
from voc.model import (
    Analysis,
    Channel,
    Customer,
    Feedback,
    FeedbackTag,
    House,
    Identity,
    Receipt,
    Rule,
    RuleMatch,
    RuleVersion,
    Team,
    Topic,
    User,
)
from voc.routing.facts import Around

AnyRow = Row[*tuple[Any, ...]]


def mark(session: Session) -> tuple[tuple[Any, ...], str]:
    """(what differs whenever any rule differs, the time zone of the house): one small statement."""
    newest = select(RuleVersion.id).order_by(RuleVersion.id.desc()).limit(1).scalar_subquery()
    zone = select(House.zone).limit(1).scalar_subquery()
    row = session.connection().execute(select(func.max(Rule.updated_at), func.count(Rule.id), newest, zone)).one()
    return (row[0], row[1], row[2]), row[3] or "UTC"


def in_force(session: Session) -> Sequence[AnyRow]:
    """The present versions of the rules that are on, in their order."""
    return session.execute(_versions().where(Rule.active)).all()


def every_rule(session: Session) -> Sequence[AnyRow]:
    """The present versions of all rules, in their order, on or off, with who wrote them."""
    return session.execute(_versions()).all()


def _versions() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Rule.id.label("rule_id"),
            Rule.active,
            Rule.shipped,
            RuleVersion.id.label("version_id"),
            RuleVersion.number,
            RuleVersion.name,
            RuleVersion.condition,
            RuleVersion.actions,
            RuleVersion.stops,
            RuleVersion.created_at,
            User.name.label("author_name"),
        )
        .join(RuleVersion, RuleVersion.id == Rule.version_id)
        .outerjoin(User, User.id == RuleVersion.author_id)
        .order_by(Rule.place, Rule.id)
    )


def versions_of(session: Session, rule_id: UUID) -> Sequence[AnyRow]:
    """Every version of a rule, newest first, with who wrote it; raises NotFound when there is no such rule."""
    rows = session.execute(
        select(
            RuleVersion.id,
            RuleVersion.number,
            RuleVersion.name,
            RuleVersion.condition,
            RuleVersion.actions,
            RuleVersion.stops,
            RuleVersion.created_at,
            User.name.label("author_name"),
        )
        .outerjoin(User, User.id == RuleVersion.author_id)
        .where(RuleVersion.rule_id == rule_id)
        .order_by(RuleVersion.number.desc())
    ).all()
    if not rows:
        raise NotFound
    return rows


def rules_for_update(session: Session) -> list[Rule]:
    """All rules in their order, locked: places and numbers of versions are given out under this lock."""
    return list(session.scalars(select(Rule).order_by(Rule.place, Rule.id).with_for_update()))


def present_version(session: Session, rule: Rule) -> RuleVersion:
    """What the rule says now; raises NotFound."""
    found = session.get(RuleVersion, rule.version_id) if rule.version_id else None
    if found is None:
        raise NotFound
    return found


def shipped_rule(session: Session, name: str) -> Rule | None:
    """The rule that came with voc under this name."""
    return session.scalars(select(Rule).where(Rule.shipped == name)).first()


def matches_since(session: Session, since: datetime) -> dict[UUID, int]:
    """How often each rule acted since then."""
    rows = session.execute(
        select(RuleMatch.rule_id, func.count().label("n"))
        .where(RuleMatch.created_at >= since)
        .group_by(RuleMatch.rule_id)
    )
    return {row.rule_id: row.n for row in rows}


def around(session: Session, ids: Sequence[UUID]) -> dict[UUID, Around]:
    """Where each of these feedback came from, in one statement."""
    feedback, channel, receipt, customer = (table_of(model) for model in (Feedback, Channel, Receipt, Customer))
    rows = session.connection().execute(
        select(feedback.c.id, channel.c.slug, channel.c.kind, receipt.c.door, feedback.c.customer_id)
        .add_columns(customer.c.segment, customer.c.value)
        .select_from(feedback)
        .join(channel, channel.c.id == feedback.c.channel_id)
        .join(receipt, receipt.c.id == feedback.c.receipt_id)
        .outerjoin(customer, customer.c.id == feedback.c.customer_id)
        .where(feedback.c.id.in_(ids))
    )
    return {row.id: around_of(row, row.customer_id) for row in rows}


def around_of(row: Any, customer_id: UUID | None) -> Around:
    """Where a feedback came from and whose it is, from a row with these columns."""
    return Around(row.slug, row.kind, row.door.value, customer_id is not None, row.segment, row.value)


def profiles(session: Session, keys: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], tuple[str | None, Any]]:
    """(segment, value) of the customers who have these identities (kind, keyed hash) now."""
    rows = session.execute(
        select(Identity.kind, Identity.value_hash, Customer.segment, Customer.value)
        .join(Customer, Customer.id == Identity.customer_id)
        .where(tuple_(Identity.kind, Identity.value_hash).in_(list(keys)), Identity.detached_at.is_(None))
    )
    return {(row.kind, bytes(row.value_hash)): (row.segment, row.value) for row in rows}


def tags_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The tags of each of these feedback."""
    found: dict[UUID, set[str]] = {}
    rows = session.execute(select(FeedbackTag.feedback_id, FeedbackTag.tag).where(FeedbackTag.feedback_id.in_(ids)))
    for feedback_id, tag in rows:
        found.setdefault(feedback_id, set()).add(tag)
    return found


def matched_versions(session: Session, ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """(feedback, version) of every match on record for these feedback."""
    rows = session.execute(
        select(RuleMatch.feedback_id, RuleMatch.rule_version_id).where(RuleMatch.feedback_id.in_(ids))
    )
    return {(feedback_id, version_id) for feedback_id, version_id in rows}


def voices(limit: int) -> Select[*tuple[Any, ...]]:
    """Feedback that was understood, newest first, with its present analysis and where it came from."""
    return (
        select(Feedback, Analysis.result, Channel.slug, Channel.kind, Receipt.door, Customer.segment, Customer.value)
        .join(Channel, Channel.id == Feedback.channel_id)
        .join(Receipt, Receipt.id == Feedback.receipt_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .outerjoin(Customer, Customer.id == Feedback.customer_id)
        .where(Feedback.processed_at.is_not(None))
        .order_by(Feedback.id.desc())
        .limit(limit)
    )


def newest(session: Session, limit: int) -> Sequence[AnyRow]:
    """The newest feedback, to try a condition on."""
    return session.execute(voices(limit)).all()


def topic_keys(session: Session) -> frozenset[str]:
    """The keys of every topic there ever was: old feedback speaks of old ones."""
    return frozenset(session.scalars(select(Topic.key)))


def missing_teams(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are no teams."""
    return set(ids) - set(session.scalars(select(Team.id).where(Team.id.in_(ids)))) if ids else set()


def missing_people(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are nobody who works here now."""
    return set(ids) - set(session.scalars(select(User.id).where(User.id.in_(ids), User.active))) if ids else set()


@dataclass(frozen=True, slots=True)
class MatchView:
    """That a rule acted on a feedback: what it was called then, what it did, and why."""

    rule_id: UUID
    name: str
    number: int
    condition: str
    did: tuple[dict[str, Any], ...]
    why: dict[str, Any]
    again: bool
    at: datetime
    version_id: UUID


def matches_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[MatchView]]:
    """The rules that acted on each of these feedback, in the order in which they did; one statement."""
    rows = session.execute(
        select(RuleMatch, RuleVersion.name, RuleVersion.number, RuleVersion.condition)
        .join(RuleVersion, RuleVersion.id == RuleMatch.rule_version_id)
        .where(RuleMatch.feedback_id.in_(ids))
        .order_by(RuleMatch.id)
    )
    found: dict[UUID, list[MatchView]] = {}
    for match, name, number, condition in rows:
        view = MatchView(
            match.rule_id,
            name,
            number,
            condition,
            tuple(match.did),
            match.why,
            match.again,
            match.created_at,
            match.rule_version_id,
        )
        found.setdefault(match.feedback_id, []).append(view)
    return found


def team_by_topic(session: Session) -> dict[str, UUID]:
    """Which team answers for which topic."""
    rows = session.execute(select(Topic.key, Topic.team_id).where(Topic.team_id.is_not(None)))
    return {key: team_id for key, team_id in rows if team_id is not None}

"""Writing rules: every change is a new version and an entry in the audit trail; nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import new_id, parse_id
from voc.core.text import is_blank, one_line, storable
from voc.model import Rule, RuleVersion
from voc.routing import queries
from voc.routing.actions import BY_TOPIC, LEAD, Actions
from voc.routing.conditions import Condition, compile_condition
from voc.routing.offers import check_offers
from voc.security.access import Actor, require

PERMISSION = "rule.edit"
# The speed that is promised holds for 200 rules that are on.
MOST_RULES = 200
LONGEST_NAME = 120


def save_rule(
    session: Session,
    rule_id: UUID | None,
    *,
    actor: Actor,
    name: str,
    condition: str,
    actions: Mapping[str, Any],
    now: datetime,
    stops: bool = False,
    seen: int | None = None,
) -> UUID:
    """Add a rule (`rule_id` None) or write its next version; returns its id.

    A new rule is switched on and stands before the rule that came with voc, when that is the last. `seen` is the
    version the writer had before the eyes. Raises WrongCondition (an Invalid) with the place of the mistake, Invalid
    for what is wrong elsewhere, Conflict when somebody was faster, NotFound.
    """
    require(actor, PERMISSION)
    clean_name, clean, checked = check_rule(session, name=name, condition=condition, actions=actions)
    rules = queries.rules_for_update(session)
    stamp = _stamp(rules, now)
    if rule_id is None:
        _check_room(rules)
        rule = _add(session, rules, now)
        number = 1
    else:
        rule = _find(rules, rule_id)
        present = queries.present_version(session, rule)
        if seen is not None and present.number != seen:
            raise Conflict(f"the rule is at version {present.number}, not {seen}")
        same = (present.name, present.condition, present.actions, present.stops)
        if same == (clean_name, clean.text, checked.to_dict(), stops):
            return rule.id
        number = present.number + 1
    write_version(
        session,
        rule,
        number=number,
        name=clean_name,
        condition=clean.text,
        actions=checked,
        stops=stops,
        author_id=actor.user_id,
        now=now,
    )
    rule.updated_at = stamp
    audit(session, actor_id=actor.user_id, action="rule.saved", subject_id=rule.id, now=now, number=number)
    return rule.id


def check_condition(session: Session, condition: str) -> Condition:
    """The condition as it would be stored; raises WrongCondition."""
    return compile_condition(storable(condition).strip(), topics=queries.topic_keys(session))


def check_rule(
    session: Session, *, name: str, condition: str, actions: Mapping[str, Any]
) -> tuple[str, Condition, Actions]:
    """The rule as it would be stored; raises as `save_rule` does, and writes nothing."""
    clean_name = one_line(storable(name))
    if is_blank(clean_name) or len(clean_name) > LONGEST_NAME:
        said = "The name is missing." if is_blank(clean_name) else "This is too long."
        raise Invalid(fields={"name": [said]})
    clean = check_condition(session, condition)
    checked = check_offers(session, Actions.from_dict(actions))
    _check_ids(session, checked)
    return clean_name, clean, checked


def _check_ids(session: Session, actions: Actions) -> None:
    """Refuse a team or a person that is not here."""
    team = parse_id(actions.team) if actions.team and actions.team != BY_TOPIC else None
    if team is not None and queries.missing_teams(session, [team]):
        raise Invalid(fields={"team": ["There is no such team here."]})
    people = [key for text in actions.notify if text != LEAD and (key := parse_id(text)) is not None]
    if queries.missing_people(session, people):
        raise Invalid(fields={"notify": ["There is no such person here."]})


def write_version(
    session: Session,
    rule: Rule,
    *,
    number: int,
    name: str,
    condition: str,
    actions: Actions,
    stops: bool,
    author_id: UUID | None,
    now: datetime,
) -> None:
    """Store a version and make it the present one; nothing is checked here."""
    version = RuleVersion(
        id=new_id(),
        rule_id=rule.id,
        number=number,
        name=name,
        condition=condition,
        actions=actions.to_dict(),
        stops=stops,
        author_id=author_id,
        created_at=now,
    )
    session.add(version)
    rule.version_id, rule.updated_at = version.id, now
    session.flush()


def _add(session: Session, rules: Sequence[Rule], now: datetime) -> Rule:
    """A new rule in its place: before the one that came with voc when that is the last, else at the end."""
    place = (rules[-1].place + 1) if rules else 1
    if rules and rules[-1].shipped is not None:
        place, rules[-1].place = rules[-1].place, place
    rule = Rule(id=new_id(), place=place, active=True, version_id=None, shipped=None, created_at=now, updated_at=now)
    session.add(rule)
    session.flush()
    return rule


def switch_rule(session: Session, rule_id: UUID, *, actor: Actor, active: bool, now: datetime) -> None:
    """Switch a rule on or off; what it did stays. Raises NotFound, and Invalid when too many would be on."""
    require(actor, PERMISSION)
    rules = queries.rules_for_update(session)
    rule = _find(rules, rule_id)
    if rule.active is active:
        return
    if active:
        _check_room(rules)
    rule.active, rule.updated_at = active, _stamp(rules, now)
    audit(session, actor_id=actor.user_id, action="rule.switched", subject_id=rule.id, now=now, active=active)


def reorder(session: Session, order: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Put the rules into this order, which names each of them once; raises Conflict when it does not, because
    somebody added one meanwhile."""
    require(actor, PERMISSION)
    rules = {rule.id: rule for rule in queries.rules_for_update(session)}
    if len(order) != len(rules) or set(order) != set(rules):
        raise Conflict("these are not the rules there are")
    if list(rules) == list(order):
        return
    for place, rule_id in enumerate(order, 1):
        rules[rule_id].place = place
    rules[order[0]].updated_at = _stamp(list(rules.values()), now)
    audit(
        session,
        actor_id=actor.user_id,
        action="rule.reordered",
        subject_id=None,
        now=now,
        order=[str(rule_id) for rule_id in order],
    )


def _stamp(rules: Sequence[Rule], now: datetime) -> datetime:
    """The moment of this change, later than that of any other: whoever keeps the rules notices by it that they
    changed, also when the clocks of two machines differ."""
    last = max((rule.updated_at for rule in rules), default=None)
    return now if last is None or now > last else last + timedelta(microseconds=1)


def _find(rules: Sequence[Rule], rule_id: UUID) -> Rule:
    found = next((rule for rule in rules if rule.id == rule_id), None)
    if found is None:
        raise NotFound
    return found


def _check_room(rules: Sequence[Rule]) -> None:
    if sum(rule.active for rule in rules) >= MOST_RULES:
        raise Invalid(fields={"name": ["There are 200 rules on already: switch one off first."]})

"""Running the checks: all of them over everything, or a bounded look for the status page."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.clock import Sla
from voc.core.errors import Invalid
from voc.db import Database
from voc.pipeline.verify import queries
from voc.pipeline.verify.arrival.queries import CHECKS as ARRIVAL
from voc.pipeline.verify.asking import walk as asking
from voc.pipeline.verify.asking.queries import CHECKS as ASKING
from voc.pipeline.verify.check import Check, Rule, Scope, rules
from voc.pipeline.verify.finding.queries import CHECKS as FINDING
from voc.pipeline.verify.finding.walk import RULES as FINDING_RULES
from voc.pipeline.verify.finding.walk import walk_index
from voc.pipeline.verify.holes import EXAMPLES, Holes, Pairs, name_of
from voc.pipeline.verify.integrity.queries import CHECKS as INTEGRITY
from voc.pipeline.verify.ledger.queries import CHECKS as LEDGER
from voc.pipeline.verify.owning.queries import CHECKS as OWNING
from voc.pipeline.verify.people.queries import CHECKS as PEOPLE
from voc.pipeline.verify.people.walk import RULES as PEOPLE_RULES
from voc.pipeline.verify.people.walk import walk_people
from voc.pipeline.verify.report import TITLES, Finding, Report
from voc.pipeline.verify.snapshot import Reader, snapshot
from voc.pipeline.verify.threads import clock, history
from voc.pipeline.verify.threads.walk import walk_cases
from voc.pipeline.verify.voices.rules import RULES as VOICE_RULES
from voc.pipeline.verify.voices.walk import IDENTITY_RULES, walk_feedback, walk_receipts
from voc.pipeline.verify.withdrawing.queries import CHECKS as WITHDRAWING
from voc.security.keys import Keys

# How many of the newest feedback (and what is as new) the status page looks at; what waits is looked at whole.
LOOK = 200

UNREADABLE, KEY_LOST = rules(
    """
    sla.unreadable I6 Targets or calendar of an SLA version cannot be read. Restore the version from a backup.
    house.key integrity The data was written with another encryption key. Put the right key file back.
    """
)

STATEMENTS: tuple[Check, ...] = (*ARRIVAL, *LEDGER, *OWNING, *PEOPLE, *ASKING, *WITHDRAWING)
RULES: tuple[Rule, ...] = (
    *IDENTITY_RULES,
    *VOICE_RULES,
    *clock.RULES,
    *history.RULES,
    *PEOPLE_RULES,
    *FINDING_RULES,
    *asking.RULES,
    UNREADABLE,
    KEY_LOST,
)


class Context(Protocol):
    """What a verification needs of the runtime."""

    @property
    def db(self) -> Database | Reader:
        """The database; it is only read."""
        ...

    @property
    def keys(self) -> Keys:
        """The keys of the instance, to compute identities again."""
        ...


def every_check() -> tuple[Check | Rule, ...]:
    """Everything that is looked for."""
    return (*STATEMENTS, *RULES, *INTEGRITY, *FINDING)


def verify(context: Context, *, now: datetime, only: Collection[str] | None = None) -> Report:
    """Look at everything, or only with the checks named in `only` (all of them when None).

    Reads only, in short snapshots, so that it runs beside a working server; memory stays flat whatever there is.
    Raises Busy when the database cannot be read, Invalid for a check that does not exist.
    """
    if only is not None and (unknown := set(only) - {check.key for check in every_check()}):
        raise Invalid(f"there is no check {', '.join(sorted(unknown))}")
    scope, holes = Scope(now), Holes()

    def opened() -> AbstractContextManager[Session]:
        return snapshot(context.db)

    def wanted(*rules: Rule | Check) -> bool:
        return only is None or any(rule.key in only for rule in rules)

    findings = []
    for check in filter(wanted, (*STATEMENTS, *INTEGRITY, *FINDING)):
        with snapshot(context.db) as session:
            if found := run(session, check, scope):
                findings.append(found)
    with snapshot(context.db) as session:
        if queries.key_check(session) != context.keys.check():
            holes.add(KEY_LOST.key, "house")
        slas = _slas(session, holes)
        counted = queries.looked_at(session) if only is None else {}
        waiting = queries.waiting(session, now) if only is None else {}
    if wanted(*IDENTITY_RULES):
        walk_receipts(opened, scope, holes, context.keys)
    if wanted(*VOICE_RULES):
        walk_feedback(opened, scope, holes, slas, context.keys)
    if wanted(*clock.RULES, *history.RULES):
        walk_cases(opened, scope, holes, slas)
    if wanted(*PEOPLE_RULES):
        walk_people(opened, scope, holes, context.keys)
    if wanted(*FINDING_RULES):
        walk_index(opened, scope, holes)
    if wanted(*asking.RULES):
        asking.walk_invitations(opened, scope, holes, context.keys)
    findings += holes.findings(filter(wanted, RULES))
    order = list(TITLES)
    findings.sort(key=lambda item: order.index(item.invariant))
    return Report(now, tuple(findings), counted, waiting)


def summary(session: Session, now: datetime) -> list[tuple[str, bool, int]]:
    """(title, whether it holds, holes seen) of each invariant: what waits or is open, and the newest of the rest.

    About a third of a second at a hundred thousand open cases; `voc verify` is the proof.
    """
    scope = Scope(now, queries.newest(session, LOOK))
    counts = dict.fromkeys(TITLES, 0)
    for check in (check for check in STATEMENTS if check.quick):
        counts[check.invariant] += len(queries.some(session, check.find(scope), EXAMPLES))
    pairs = _look(session, scope)
    # On PostgreSQL somebody may have worked between two statements: only what stays is a hole.
    for _ in range(2):
        if pairs:
            pairs &= _look(session, scope)
    invariants = {rule.key: rule.invariant for rule in RULES}
    for key, _ in pairs:
        counts[invariants[key]] += 1
    return [(TITLES[name], not count, count) for name, count in counts.items() if name != "integrity"]


def _look(session: Session, scope: Scope) -> set[tuple[str, str]]:
    """(rule, id of what breaks it) in the newest feedback and cases."""
    holes = Pairs()

    def opened() -> AbstractContextManager[Session]:
        return nullcontext(session)

    slas = _slas(session, holes)
    walk_feedback(opened, scope, holes, slas, None)
    walk_cases(opened, scope, holes, slas)
    return holes.pairs


def run(session: Session, check: Check, scope: Scope) -> Finding | None:
    """One check; None when nothing breaks it."""
    statement = check.find(scope)
    found = queries.some(session, statement, EXAMPLES)
    if not found:
        return None
    count = len(found) if len(found) < EXAMPLES else queries.how_many(session, statement)
    return Finding(check.invariant, check.key, check.text, count, tuple(name_of(item) for item in found))


def _slas(session: Session, holes: Holes) -> dict[UUID, Sla]:
    """Every SLA version, read anew: a copy kept in memory would hide what happened to the row."""
    slas: dict[UUID, Sla] = {}
    for version_id, definition in queries.sla_definitions(session):
        try:
            slas[version_id] = Sla.from_definition(definition)
        except (KeyError, TypeError, ValueError, AttributeError):
            holes.add(UNREADABLE.key, version_id)
    return slas

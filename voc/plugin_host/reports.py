"""How plugins stand in each process, told to all through the database: the page and the figures show the worker's
counts, which live in another process."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from voc.model import PluginReport
from voc.plugin_host import queries
from voc.plugin_host.host import PluginHost, PluginState

# A process that said nothing for so long is no more.
STALE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Report:
    """How one plugin stands in one process. `starts`, `crashes`, `ended` and `output_cut` are of its own processes;
    `crashes` counts those that ended by themselves, `ended` those that took too long. `stuck` calls were given up and
    have not come back, `replaced` is how often the worker was replaced because of them. `errors` are (when, what);
    `offers` are what it offers beside channels and analyzers, as `actions.post`."""

    process: str
    name: str
    state: str
    reason: str = ""
    isolation: str = "worker"
    version: str = ""
    load_seconds: float = 0.0
    breaker: str = "closed"
    calls: int = 0
    failed: int = 0
    timeouts: int = 0
    stuck: int = 0
    replaced: int = 0
    starts: int = 0
    crashes: int = 0
    ended: int = 0
    living: int = 0
    output_cut: int = 0
    errors: tuple[tuple[str, str], ...] = ()
    offers: tuple[str, ...] = ()
    at: datetime | None = None


def reports_of(host: PluginHost, process: str, *, now: datetime) -> list[Report]:
    """How the plugins of this process stand now."""
    states = {state.name: state for state in reversed(host.states)}
    return [_report(states[name], host, process, now) for name in host.figures() if name in states]


def _report(state: PluginState, host: PluginHost, process: str, now: datetime) -> Report:
    tally, counts, living = host.figures()[state.name]
    clock = time.monotonic()
    return Report(
        process=process,
        name=state.name,
        state=state.state,
        reason=state.reason[:500],
        isolation=state.isolation,
        version=state.version,
        load_seconds=round(state.load_seconds or 0.0, 3),
        breaker=tally.state(),
        calls=tally.calls,
        failed=tally.errors_in_all,
        timeouts=tally.timeouts,
        stuck=tally.stuck,
        starts=counts.starts if counts else 0,
        crashes=counts.crashes if counts else 0,
        ended=counts.ended if counts else 0,
        living=living,
        output_cut=counts.output_cut if counts else 0,
        errors=tuple(
            ((now - timedelta(seconds=clock - at)).isoformat(timespec="seconds"), what) for at, what in tally.errors
        ),
        offers=tuple(f"{key}.{word}" for key, found in host.part(state.name).offers.items() for word in found),
    )


def store(
    session: Session, process: str, reports: Sequence[Report], *, replaced: Mapping[str, int], now: datetime
) -> None:
    """Say it to all; what this process said of plugins that are gone goes. `replaced` by plugin."""
    before = {row.name: row for row in queries.reports_of(session, process)}
    for report in reports:
        facts = _facts(report, replaced.get(report.name, 0))
        row = before.pop(report.name, None)
        if row is None:
            session.add(PluginReport(process=process, name=report.name, facts=facts, at=now))
        else:
            row.facts, row.at = facts, now
    for row in before.values():
        session.delete(row)


def _facts(report: Report, replaced: int) -> dict[str, Any]:
    facts = asdict(report)
    for name in ("process", "name", "at"):
        del facts[name]
    errors = [list(error) for error in report.errors]
    return {**facts, "errors": errors, "offers": list(report.offers), "replaced": replaced}


def told(session: Session, *, now: datetime) -> list[Report]:
    """What every living process said of its plugins, by plugin."""
    return [_read(row) for row in queries.reports(session, now - STALE)]


def keeper_elsewhere(session: Session, key: str, word: str, *, now: datetime) -> str | None:
    """The plugin that offers this in another process that lives; None when none does."""
    return next((report.name for report in told(session, now=now) if f"{key}.{word}" in report.offers), None)


def predecessors(session: Session, process: str) -> dict[str, int]:
    """How often a process of this name was replaced because of each plugin, counting the one that went before: it had
    calls that were stuck when it ended."""
    found = {}
    for row in queries.reports_of(session, process):
        said = _read(row)
        found[row.name] = said.replaced + (1 if said.stuck else 0)
    return found


def _read(row: PluginReport) -> Report:
    known = Report.__dataclass_fields__
    facts = {name: value for name, value in row.facts.items() if name in known}
    errors = tuple((str(at), str(what)) for at, what in facts.pop("errors", ()))
    offers = tuple(map(str, facts.pop("offers", ())))
    known_by = {"process": row.process, "name": row.name, "at": row.at}
    return Report(**{**facts, **known_by, "errors": errors, "offers": offers})

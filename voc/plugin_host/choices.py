"""What people choose for plugins: on, off, into quarantine and out of it, and where they run. Kept in the database,
so that every process follows, without a restart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Invalid
from voc.core.text import one_line, storable
from voc.model import PluginChoice
from voc.plugin_host import queries
from voc.plugin_host.policy import Choice
from voc.security.access import Actor, require

Deed = Literal["enable", "disable", "quarantine", "release"]
_STATES: Mapping[str, Literal["enabled", "disabled", "quarantined"]] = {
    "enable": "enabled", "disable": "disabled", "quarantine": "quarantined", "release": "enabled"
}  # fmt: skip
ISOLATIONS = ("worker", "process", "default")
LONGEST_NAME = 120
LONGEST_REASON = 300


def chosen(session: Session) -> dict[str, Choice]:
    """What was chosen, by plugin."""
    return {
        row.name: Choice(row.state, row.isolation, row.reason, row.changed_at)  # type: ignore[arg-type]
        for row in queries.choices(session)
    }


def choose(session: Session, name: str, deed: Deed, *, reason: str = "", now: datetime, actor: Actor) -> None:
    """Switch a plugin on or off, put it into quarantine or let it out; released or enabled, it is loaded anew.

    Raises Forbidden, and Invalid for a deed or a name that cannot be.
    """
    if deed not in _STATES:
        raise Invalid(f"{deed!r} is none of {', '.join(_STATES)}")
    row = _row(session, name, now=now, actor=actor)
    row.state, row.reason = _STATES[deed], one_line(storable(reason))[:LONGEST_REASON]
    audit(session, actor_id=actor.user_id, action=f"plugin.{deed}", subject_id=None, now=now, plugin=row.name)


def choose_isolation(session: Session, name: str, isolation: str, *, now: datetime, actor: Actor) -> None:
    """Say where a plugin runs: `worker`, `process`, or `default`, as the settings and the plugin say.

    Raises Forbidden, and Invalid for what is none of these.
    """
    if isolation not in ISOLATIONS:
        raise Invalid(f"{isolation!r} is none of {', '.join(ISOLATIONS)}")
    row = _row(session, name, now=now, actor=actor)
    row.isolation = None if isolation == "default" else isolation
    audit(
        session, actor_id=actor.user_id, action="plugin.isolation", subject_id=None, now=now,
        plugin=row.name, isolation=isolation,
    )  # fmt: skip


def _row(session: Session, name: str, *, now: datetime, actor: Actor) -> PluginChoice:
    require(actor, "plugin.edit")
    clean = one_line(storable(name))
    if not clean or len(clean) > LONGEST_NAME:
        raise Invalid("a plugin is called by its name")
    row = queries.choice_for_update(session, clean)
    if row is None:
        row = PluginChoice(name=clean, state="enabled", isolation=None, reason="", changed_by=None, changed_at=now)
        session.add(row)
    row.changed_by, row.changed_at = actor.user_id, now
    return row

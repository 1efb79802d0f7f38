"""What a person sets for a plugin as a whole: checked against what it declares, secrets encrypted, on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Invalid, Permanent
from voc.core.text import storable
from voc.plugin import Option
from voc.plugin_host import queries
from voc.plugin_host.context import sealed, secrets_of, setting_row
from voc.plugin_host.host import PluginHost
from voc.security.access import Actor, require
from voc.security.keys import Keys

LONGEST_OPTION = 10_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as shown: of a secret only whether it is `given`; `value` is what holds, the default included."""

    option: Option
    value: Any
    given: bool


def shown(session: Session, host: PluginHost, plugin: str, keys: Keys) -> list[Setting]:
    """The settings of a plugin as a whole, in its order; no secret is among the values."""
    row = queries.setting(session, plugin)
    plain = row.options if row else {}
    try:
        hidden: Mapping[str, Any] = secrets_of(keys, row.secrets if row else None)
    except Permanent:
        hidden = {}
    return [
        Setting(option, None, option.name in hidden)
        if option.secret
        else Setting(option, plain.get(option.name, option.default), option.name in plain)
        for option in host.settings_of(plugin)
    ]


def change_settings(
    session: Session,
    host: PluginHost,
    plugin: str,
    options: Mapping[str, Any],
    *,
    now: datetime,
    actor: Actor,
    keys: Keys,
    forget: Collection[str] = (),
) -> bool:
    """Set some settings of a plugin; the others stay, an empty one goes back to its default, and an empty secret stays
    unless it is one to `forget`. Whether anything changed.

    Raises Forbidden, and Invalid with a message per option.
    """
    require(actor, "plugin.edit")
    declared = host.settings_of(plugin)
    hidden = {option.name for option in declared if option.secret}
    names = {option.name for option in declared}
    if not names:
        raise Invalid(f"plugin {plugin} has no settings, or is not loaded")
    row = setting_row(session, plugin)
    try:
        kept = secrets_of(keys, row.secrets)
    except Permanent:
        kept = {}
    given = {name: storable(value) if isinstance(value, str) else value for name, value in options.items()}
    given = {name: value for name, value in given.items() if not (name in hidden and value in ("", None))}
    before = {name: value for name, value in {**row.options, **kept}.items() if name in names and name not in forget}
    clean, wrong = declared.check({**before, **given})
    too_long = {
        n: ["This is longer than the field can take."] for n, v in given.items() if len(str(v)) > LONGEST_OPTION
    }
    if wrong := {**wrong, **too_long}:
        raise Invalid(fields=wrong)
    merged = {name for name, value in {**before, **given}.items() if value not in ("", None)}
    plain = {name: value for name, value in clean.items() if name not in hidden and name in merged}
    secrets = {name: value for name, value in clean.items() if name in hidden and value not in ("", None)}
    if (plain, secrets) == (row.options, kept) and row.changed_at is not None:
        return False
    changed = sorted(
        name for name in names if (plain.get(name), secrets.get(name)) != (row.options.get(name), kept.get(name))
    )
    row.options, row.secrets = plain, sealed(keys, secrets)
    row.changed_by, row.changed_at = actor.user_id, now
    audit(
        session, actor_id=actor.user_id, action="plugin.settings", subject_id=None, now=now,
        plugin=plugin, changed=", ".join(changed),
    )  # fmt: skip
    return True

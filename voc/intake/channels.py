"""Channels: adding them, and computing their forms in the worker when the configuration changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict, Invalid, NotFound, Permanent
from voc.core.ids import new_id, random_key
from voc.core.text import fold, is_blank, one_line, storable
from voc.intake import queries
from voc.intake.check import order_check
from voc.intake.fetch import fetch_soon
from voc.intake.forms import form_problem, form_to_dict
from voc.intake.read import Context
from voc.jobs import Item, enqueue
from voc.model import Channel
from voc.plugin import Channel as ChannelPlugin
from voc.plugin import Form
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.context import sealed, secrets_of, view_of
from voc.security.access import SYSTEM, Actor, require
from voc.security.keys import Keys

FORM_KIND = "intake.form"
LONGEST_NAME = 120
LONGEST_OPTION = 10_000
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")


def add_channel(
    session: Session,
    host: PluginHost,
    *,
    kind: str,
    name: str,
    slug: str,
    options: Mapping[str, Any],
    now: datetime,
    actor: Actor = SYSTEM,
    keys: Keys | None = None,
) -> Channel:
    """Configure a new channel; its form, its check and its first fetch follow from the worker.

    `keys` encrypt what its plugin declares as secret. Raises Invalid with a message per option.
    """
    require(actor, "channel.edit")
    found = host.channel(kind)
    errors: dict[str, list[str]] = {}
    if found is None:
        errors["kind"] = [f"there is no channel plugin {kind!r}; there are {', '.join(host.kinds()) or 'none'}"]
    if not _SLUG.fullmatch(slug):
        errors["slug"] = ["must be small letters, digits and hyphens, for example ayuda"]
    elif queries.channel_by_slug(session, slug) is not None:
        errors["slug"] = ["is taken by another channel"]
    clean, secrets, wrong = _apart(found[1], options) if found else ({}, {}, {})
    errors.update({**wrong, **_missing(name)})
    if errors:
        raise Invalid(fields=errors)
    channel = Channel(
        id=new_id(),
        kind=kind,
        name=_clean_name(name),
        slug=slug,
        key=random_key(),
        options=clean,
        secrets=_sealed(keys, secrets),
        form=None,
        form_version=0,
        active=True,
        health="ok",
        health_text=None,
        created_at=now,
    )
    session.add(channel)
    session.flush()
    _configured(session, host, channel, now)
    audit(session, actor_id=actor.user_id, action="channel.added", subject_id=channel.id, now=now, kind=kind)
    return channel


def change_channel(
    session: Session,
    host: PluginHost,
    channel_id: UUID,
    *,
    name: str,
    options: Mapping[str, Any],
    now: datetime,
    actor: Actor,
    keys: Keys,
    version: int | None = None,
    forget: Collection[str] = (),
) -> None:
    """Give a channel another name or other options. A secret that is left empty stays as it is, unless it is one to
    `forget`. `version` is the one that stood before the eyes.

    Raises NotFound, Invalid with a message per option, and Conflict when somebody else changed it since.
    """
    require(actor, "channel.edit")
    channel = queries.channel_for_update(session, channel_id)
    found = host.channel(channel.kind) if channel else None
    if channel is None:
        raise NotFound
    if found is None:
        raise Invalid(fields={"kind": [f"there is no channel plugin {channel.kind!r}"]})
    kept = known_secrets(keys, channel) or {}
    hidden = {option.name for option in found[1].options if option.secret}
    given = {n: v for n, v in options.items() if not (n in hidden and v in ("", None))}
    clean, secrets, wrong = _apart(
        found[1], {**{n: v for n, v in kept.items() if n in hidden and n not in forget}, **given}
    )
    if wrong := {**wrong, **_missing(name)}:
        raise Invalid(fields=wrong)
    clean_name = _clean_name(name)
    if (clean_name, clean, secrets) == (channel.name, channel.options, kept):
        return
    _check_version(channel, version)
    channel.name, channel.options, channel.version = clean_name, clean, channel.version + 1
    channel.secrets = _sealed(keys, secrets)
    _configured(session, host, channel, now)
    audit(session, actor_id=actor.user_id, action="channel.changed", subject_id=channel.id, now=now)


def _clean_name(name: str) -> str:
    return one_line(storable(name))[:LONGEST_NAME]


def _missing(name: str) -> dict[str, list[str]]:
    return {"name": ["The name is missing."]} if is_blank(_clean_name(name)) else {}


def known_secrets(keys: Keys, channel: Channel) -> dict[str, Any] | None:
    """The secret options of a channel; None when they were written with a key that is lost and must be given again."""
    try:
        return secrets_of(keys, channel.secrets)
    except Permanent:
        return None


def _check_version(channel: Channel, version: int | None) -> None:
    if version is not None and version != channel.version:
        raise Conflict(f"the channel is at version {channel.version}, not {version}")


def set_active(session: Session, channel_id: UUID, *, active: bool, now: datetime, actor: Actor) -> None:
    """Switch a channel on or off; what it brought stays, what arrived for it meanwhile is refused."""
    require(actor, "channel.edit")
    channel = queries.channel_for_update(session, channel_id)
    if channel is None:
        raise NotFound
    if channel.active != active:
        channel.active, channel.failures = active, 0
        action = "channel.switched_on" if active else "channel.switched_off"
        audit(session, actor_id=actor.user_id, action=action, subject_id=channel.id, now=now)


def renew_key(session: Session, channel_id: UUID, *, now: datetime, actor: Actor, version: int | None = None) -> str:
    """Give a channel a new secret address; the old one is unknown from now on. Returns the key.

    Raises NotFound, and Conflict when it is not at `version` any more: nobody's fresh address is taken away twice.
    """
    require(actor, "channel.edit")
    channel = queries.channel_for_update(session, channel_id)
    if channel is None:
        raise NotFound
    _check_version(channel, version)
    channel.key, channel.version = random_key(), channel.version + 1
    audit(session, actor_id=actor.user_id, action="channel.key_renewed", subject_id=channel.id, now=now)
    return channel.key


def slug_of(name: str) -> str:
    """A public name made of `name`; may be empty."""
    plain = "".join(char if char.isascii() and char.isalnum() else " " for char in fold(name))
    return "-".join(plain.split())[:40].strip("-")


def _apart(
    plugin: ChannelPlugin, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[str]]]:
    """(plain options, secret ones that were given, errors by name)."""
    given = {name: storable(value) if isinstance(value, str) else value for name, value in options.items()}
    clean, wrong = plugin.options.check(given)
    for name, value in given.items():
        if isinstance(value, str) and len(value) > LONGEST_OPTION:
            wrong[name] = ["This is longer than the field can take."]
    hidden = {option.name for option in plugin.options if option.secret}
    secrets = {name: value for name, value in clean.items() if name in hidden and value not in (None, "")}
    return {name: value for name, value in clean.items() if name not in hidden}, secrets, wrong


def _sealed(keys: Keys | None, secrets: Mapping[str, Any]) -> bytes | None:
    if secrets and keys is None:
        raise Permanent("secret options need the instance's keys")
    return sealed(keys, secrets) if keys is not None else None


def _configured(session: Session, host: PluginHost, channel: Channel, now: datetime) -> None:
    """What the worker does after a channel was configured."""
    enqueue(session, FORM_KIND, subject_id=channel.id, now=now)
    found = host.channel(channel.kind)
    if found is not None and type(found[1]).check is not ChannelPlugin.check:
        order_check(session, channel.id, now=now)
    if host.capable(channel.kind, "FETCH"):
        fetch_soon(session, channel.id, now=now)


def compute_forms(context: Context, items: Sequence[Item]) -> Sequence[Form | PluginFailed | None]:
    """Ask the plugins for the forms of these channels; None for a channel without a form."""
    with context.db.reading() as session:
        channels = [queries.channel_by_id(session, item.subject) for item in items]
    return [_form_of(context, channel) for channel in channels]


def _form_of(context: Context, channel: Channel) -> Form | PluginFailed | None:
    found = context.host.channel(channel.kind)
    if found is None:
        return PluginFailed(channel.kind, "is not loaded", permanent=True)
    plugin, implementation = found
    if type(implementation).form is ChannelPlugin.form:
        return None
    try:
        form = context.host.guard.call(
            plugin, implementation.form, view_of(context.host, channel.kind, channel.options)
        )
    except PluginFailed as error:
        return error
    wrong = form_problem(form)
    return PluginFailed(plugin, wrong, permanent=True) if wrong else form


def store_forms(session: Session, context: Context, pairs: Sequence[tuple[Item, Form | PluginFailed | None]]) -> None:
    """Keep the forms; a plugin that could not give one is the channel's visible health."""
    for item, form in pairs:
        channel = queries.channel_by_id(session, item.subject)
        if isinstance(form, PluginFailed):
            channel.health, channel.health_text = "failing", str(form)
        elif form is not None:
            channel.health, channel.health_text = "ok", None
            data = form_to_dict(form)
            if data != channel.form:
                channel.form, channel.form_version = data, channel.form_version + 1


def refresh_forms(session: Session, *, now: datetime, channel_ids: Sequence[UUID] | None = None) -> None:
    """Compute every form again: after a start, because a plugin may have changed."""
    for channel in queries.channels(session):
        if channel.kind != "api" and (channel_ids is None or channel.id in channel_ids):
            enqueue(session, FORM_KIND, subject_id=channel.id, now=now)

"""Channels: adding them, and computing their forms in the worker when the configuration changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Invalid
from voc.core.ids import new_id, random_key
from voc.core.text import one_line
from voc.intake import queries
from voc.intake.forms import form_problem, form_to_dict
from voc.intake.read import Context
from voc.jobs import Item, enqueue
from voc.model import Channel
from voc.plugin import Channel as ChannelPlugin
from voc.plugin import Form, View
from voc.plugin_host import PluginFailed, PluginHost
from voc.security.access import SYSTEM, Actor, require

FORM_KIND = "intake.form"
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
) -> Channel:
    """Configure a new channel; its form follows from the worker. Raises Invalid with a message per option."""
    require(actor, "channel.edit")
    found = host.channel(kind)
    errors: dict[str, list[str]] = {}
    if found is None:
        errors["kind"] = [f"there is no channel plugin {kind!r}; there are {', '.join(host.kinds()) or 'none'}"]
    if not _SLUG.fullmatch(slug):
        errors["slug"] = ["must be small letters, digits and hyphens, for example ayuda"]
    elif queries.channel_by_slug(session, slug) is not None:
        errors["slug"] = ["is taken by another channel"]
    clean, wrong = found[1].options.check(options) if found else ({}, {})
    errors.update(wrong)
    if errors:
        raise Invalid(fields=errors)
    channel = Channel(
        id=new_id(),
        kind=kind,
        name=one_line(name)[:120] or slug,
        slug=slug,
        key=random_key(),
        options=clean,
        secrets=None,
        form=None,
        form_version=0,
        active=True,
        health="ok",
        health_text=None,
        created_at=now,
    )
    session.add(channel)
    session.flush()
    enqueue(session, FORM_KIND, subject_id=channel.id, now=now)
    audit(session, actor_id=actor.user_id, action="channel.added", subject_id=channel.id, now=now, kind=kind)
    return channel


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
        form = context.host.guard.call(plugin, implementation.form, View(options=channel.options))
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

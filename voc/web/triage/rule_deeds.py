"""What a rule has plugins do, in its form: every action that is offered, with its options, and those of plugins that
are gone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from voc.plugin import Offer
from voc.plugin_host import PluginHost
from voc.plugin_host.texts import Texts
from voc.routing.actions import LONGEST_VALUES, MOST_PLUGIN
from voc.web.triage.channel_form import PREFIX, OptionField, option_fields, typed_options

# Blank ones stand behind those that are chosen.
MOST_DRAWN = 60

Offers = Mapping[str, tuple[str, Offer]]
Chosen = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DrawnDeed:
    """One action as it is drawn under its `number`: `chosen` with a tick. `kept` holds the values, as JSON, of one that
    no plugin offers any more; None for all others."""

    number: int
    name: str
    title: str
    help: str
    chosen: bool
    fields: Sequence[OptionField] = ()
    kept: str | None = None


def typed_deeds(form: MultiDict[str, str], offers: Offers) -> Chosen:
    """The actions that are ticked, in their order, as the service takes them."""
    found: list[dict[str, Any]] = []
    for number in range(MOST_DRAWN):
        name = form.get(f"plugin.{number}.name")
        if name is None:
            break
        if f"plugin.{number}.on" not in form:
            continue
        offer = offers[name][1] if name in offers else None
        kept = _kept(form.get(f"plugin.{number}.kept", ""))
        found.append({"name": name, "values": typed_options(offer, _own(form, number), {}) if offer else kept})
    return tuple(found)


def _own(form: MultiDict[str, str], number: int) -> MultiDict[str, str]:
    """The fields of one action, called as those of a channel are."""
    own = f"{PREFIX}plugin.{number}."
    fields = [(PREFIX + key.removeprefix(own), value) for key, value in form.items(multi=True) if key.startswith(own)]
    return MultiDict(fields)


def _kept(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if len(text) <= LONGEST_VALUES else None
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def drawn_deeds(chosen: Chosen, host: PluginHost, language: str) -> list[DrawnDeed]:
    """The chosen actions in their order, and behind them every one that could be chosen besides."""
    offers = host.offered("actions")
    drawn = [_drawn(number, item, offers, host, language) for number, item in enumerate(chosen[:MOST_DRAWN])]
    blank = sorted(offers) if len(chosen) < MOST_PLUGIN else []
    for name in blank[: MOST_DRAWN - len(drawn)]:
        drawn.append(replace(_drawn(len(drawn), {"name": name}, offers, host, language), chosen=False))
    return drawn


def _drawn(number: int, item: Mapping[str, Any], offers: Offers, host: PluginHost, language: str) -> DrawnDeed:
    name, values = str(item["name"]), item.get("values")
    found = offers.get(name)
    if found is None:
        return DrawnDeed(number, name, name, "", True, (), json.dumps(values or {}))
    texts: Texts = host.said_offer("actions", name, language)
    fields = option_fields(found[1], texts, stored=values or {})
    named = [replace(field, name=f"plugin.{number}.{field.name}") for field in fields]
    return DrawnDeed(number, name, texts.title, texts.description, True, named)

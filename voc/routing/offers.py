"""Holding a rule's actions to what plugins offer, when it is saved: names, values, notifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from voc.core.errors import Invalid
from voc.delivery.calling import offered
from voc.plugin import Offer
from voc.routing.actions import NOTIFIER, Actions, ByPlugin


def check_offers(session: Session, actions: Actions) -> Actions:
    """The actions with the values of plugins' actions as their options take them; raises Invalid with a message per
    place: `plugin.0` is the first of them, `plugin.0.room` its option."""
    errors: dict[str, list[str]] = {}
    known = offered(session, "actions") if actions.plugin else {}
    checked = tuple(_checked(place, item, known, errors) for place, item in enumerate(actions.plugin))
    wanted = [name.removeprefix(NOTIFIER) for name in actions.notify if name.startswith(NOTIFIER)]
    notifiers = offered(session, "notifiers") if wanted else {}
    if [name for name in wanted if name not in notifiers]:
        errors["notify"] = ["No loaded plugin offers this notifier."]
    if errors:
        raise Invalid(fields=errors)
    return replace(actions, plugin=checked) if checked else actions


def _checked(
    place: int, item: ByPlugin, known: Mapping[str, tuple[str, Offer]], errors: dict[str, list[str]]
) -> ByPlugin:
    found = known.get(item.name)
    if found is None:
        errors[f"plugin.{place}"] = ["No loaded plugin offers this action."]
        return item
    options = found[1].options
    if hidden := [option.name for option in options if option.secret and item.values.get(option.name)]:
        said = "A rule keeps no secrets: they belong into the settings of the plugin."
        errors |= {f"plugin.{place}.{name}": [said] for name in hidden}
    values, wrong = options.check(item.values)
    errors |= {f"plugin.{place}.{name}": texts for name, texts in wrong.items()}
    return ByPlugin(item.name, {name: value for name, value in values.items() if value is not None})

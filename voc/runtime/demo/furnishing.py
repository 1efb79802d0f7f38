"""The demo's house, written in one transaction before anybody speaks: brand, calendar, teams, people, doors, customers
and rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.cases.clock import Sla
from voc.core.calendar import Calendar
from voc.core.ids import new_id, random_key
from voc.core.vocabulary import RoleName
from voc.intake.channels import add_channel
from voc.intake.check import CHECK_KIND
from voc.intake.fetch import KIND as FETCH_KIND
from voc.model import Channel, SlaVersion, Team, TeamMember, Work
from voc.plugin_host import PluginHost
from voc.runtime.demo import queries
from voc.runtime.demo.clients import write_customers
from voc.runtime.demo.data import Demo
from voc.runtime.demo.mails import SERVER
from voc.runtime.demo.ruling import write_rules
from voc.security import queries as people
from voc.security import users
from voc.security.keys import Keys

# A channel with this pause takes what is brought and asks nobody.
QUIET = {"poll_seconds": 0}
# As the plugins say it: people read it in their own language.
MAILBOX_TEXT = "no mailbox is read: mail comes by voc mail receive · smtp.aurora.example takes our answers"


def furnish_demo(session: Session, host: PluginHost, keys: Keys, demo: Demo, *, total: int, now: datetime) -> None:
    """Turn a new house into the demo's; `total` is how many things will be done in it. The first administrator and the
    first form stay as they are.

    Its SLA version keeps the targets of the house and takes the demo's calendar; when it was made is the moment
    from which everything in the demo counts back. Raises Invalid, with everything undone by the caller, when a name
    is taken.
    """
    house = queries.house(session)
    targets = Sla.from_definition(queries.sla_version(session, house.sla_version_id).definition)
    sla = SlaVersion(
        id=new_id(),
        name=demo.brand["name"],
        definition=replace(targets, calendar=Calendar.from_dict(demo.calendar)).to_definition(),
        created_at=now,
    )
    session.add(sla)
    session.flush()
    house.name, house.short_name = demo.brand["name"], demo.brand["short"]
    house.language, house.zone = demo.brand["language"], demo.brand["zone"]
    house.sla_version_id = sla.id
    house.demo_total, house.demo_done = total, 0
    ids = _people(session, demo, now)
    _teams(session, demo, ids, house.default_team_id, now)
    _open_doors(session, host, keys, demo, house.language, now)
    chief = people.actor_of(session, ids[demo.users[0]["email"]])
    if chief is not None:
        write_customers(session, keys, demo, actor=chief, started_at=now)
        write_rules(session, demo, actor=chief, started_at=now)


def _open_doors(session: Session, host: PluginHost, keys: Keys, demo: Demo, language: str, now: datetime) -> None:
    for item in (*demo.forms, *demo.surveys):
        options = {"metric": item["metric"], "languages": item["languages"], "question": _json(item["question"])}
        if kind := item.get("kind"):
            options["title"] = _json(item["title"])
        else:
            options["why"] = _json(item["reason"])
        name = item["title"][language]
        add_channel(session, host, kind=kind or "survey", name=name, slug=item["slug"], options=options, now=now)
    for item in demo.mailboxes:
        _add_quiet(session, host, keys, "email", item, mailbox_options(demo, item), MAILBOX_TEXT, now)
    for item in demo.accounts:
        options = {"base_url": f"https://{item['handle'].split('@')[2]}", "access_token": random_key(), **QUIET}
        _add_quiet(session, host, keys, item["kind"], item, options, account_text(item), now)
    session.add_all(_kiosk(item, now) for item in demo.kiosks)


def mailbox_options(demo: Demo, item: Mapping[str, Any]) -> dict[str, Any]:
    """A mailbox that the company's own mail server fills."""
    return {
        "smtp_host": "smtp.aurora.example",
        "from_address": item["address"],
        "from_name": demo.brand["name"],
        "own_addresses": [other["address"] for other in demo.mailboxes],
        "trust_authentication_results": SERVER,
        **QUIET,
    }


def account_text(item: Mapping[str, Any]) -> str:
    """What a test of the account said."""
    _, name, domain = item["handle"].split("@")
    limit = "An answer may have up to 500 characters, the address of the customer included."
    return f"Connected to {domain} as @{name}. {limit}"


def _add_quiet(
    session: Session,
    host: PluginHost,
    keys: Keys,
    kind: str,
    item: Mapping[str, Any],
    options: Mapping[str, Any],
    text: str,
    now: datetime,
) -> None:
    """Add a channel to servers that do not exist: it was tested before, and nothing of ours asks them."""
    channel = add_channel(
        session, host, kind=kind, name=item["name"], slug=item["slug"], options=options, now=now, keys=keys
    )
    session.execute(
        delete(Work)
        .where(Work.subject_id == channel.id, Work.kind.in_((CHECK_KIND, FETCH_KIND)))
        .execution_options(synchronize_session=False)
    )
    channel.health, channel.health_text = "ok", text
    channel.tested_at, channel.tested_health, channel.tested_text = now, "ok", text


def _json(texts: Mapping[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=False)


def _kiosk(item: Mapping[str, Any], now: datetime) -> Channel:
    """A door of the API without a token: nobody but the demo comes in here."""
    return Channel(
        id=new_id(),
        kind="api",
        name=item["name"],
        slug=item["slug"],
        key=random_key(),
        options={},
        secrets=None,
        form=None,
        form_version=0,
        active=True,
        health="ok",
        health_text=None,
        created_at=now,
    )


def _people(session: Session, demo: Demo, now: datetime) -> dict[str, UUID]:
    """Ids by address; nobody has a password, so nobody can sign in as one of them without a link."""
    ids: dict[str, UUID] = {}
    for person in demo.users:
        known = people.user_by_email(session, person["email"])
        found = known or users.add(
            session,
            email=person["email"],
            name=person["name"],
            role=RoleName(person["role"]),
            language=person["language"],
            now=now,
        )
        ids[person["email"]] = found.id
    return ids


def _teams(session: Session, demo: Demo, ids: dict[str, UUID], default_id: UUID | None, now: datetime) -> None:
    """The first team is the house's own, under its new name."""
    known = queries.teams(session)
    own = next((team for team in known.values() if team.id == default_id), None)
    for number, item in enumerate(demo.teams):
        team = known.get(item["name"]) or (own if number == 0 else None)
        if team is None:
            team = Team(id=new_id(), name=item["name"], lead_id=None, created_at=now)
            session.add(team)
        team.name, team.lead_id = item["name"], ids[item["lead"]]
        session.flush()
        session.add_all(TeamMember(team_id=team.id, user_id=ids[member]) for member in item["members"])
        for topic in queries.topics(session, item["topics"]):
            topic.team_id = team.id
    session.flush()

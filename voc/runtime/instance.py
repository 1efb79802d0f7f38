"""The instance: folder, key, database and house, made on the first start and checked on every other."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from voc.cases.clock import default_sla
from voc.core.calendar import Calendar, Span
from voc.core.clock import Clock, utc_now
from voc.core.errors import KeyLost, NeverStarted, SettingError, VocError
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.text import one_line, storable
from voc.core.vocabulary import RoleName
from voc.db import Database
from voc.db.migrate import current, upgrade
from voc.intake.channels import add_channel, refresh_forms
from voc.model import Counter, House, SlaVersion, Team, metadata
from voc.pipeline.topics import add_first_topics
from voc.plugin_host import PluginHost
from voc.routing.shipped import add_shipped_rules
from voc.runtime import queries
from voc.runtime.build import Runtime, build
from voc.runtime.reaching import make_private, reach, sqlite_file
from voc.security import users
from voc.security.keys import Keys, load_keys

log = logging.getLogger(__name__)

HEAD = "0011"
FIRST_EMAIL = "admin@localhost"


def open_instance(settings: Settings, *, clock: Clock = utc_now, create: bool, with_plugins: bool = True) -> Runtime:
    """The runtime over this instance; with `create` everything that is missing is made.

    Raises KeyLost when the data was written with another key, SettingError when the folder cannot be used,
    NeverStarted when the database was never set up, VocError when it is of another version, Busy when it cannot be
    reached.
    """
    if create:
        make_folder(settings)
        make_private(settings)
    db = Database(settings.url, pool_size=4)
    try:
        reach(db)
        file = sqlite_file(settings)
        revision = current(db) if file is None or file.is_file() else None
        if revision is None and not create:
            raise NeverStarted
        if revision != HEAD and create:
            log.info("database is brought up to date", extra={"before": revision, "after": HEAD})
            upgrade(db, metadata)
        elif revision != HEAD:
            raise VocError(f"the database is at revision {revision}, this voc needs {HEAD}: run voc db upgrade")
        with db.reading() as session:
            stored = queries.key_check(session)
        keys = load_keys(settings, may_create=create and stored is None)
        if stored is not None and stored != keys.check():
            raise KeyLost("the key is not the one this database was written with: put the right one back")
    finally:
        db.close()
    runtime = build(settings, keys, clock=clock, with_plugins=with_plugins)
    if create:
        _furnish(runtime)
    return runtime


def make_folder(settings: Settings) -> None:
    """Make the instance folder; raises SettingError when that cannot be."""
    try:
        fresh = not settings.instance.exists()
        (settings.instance / "plugins").mkdir(parents=True, exist_ok=True)
        if fresh:
            # What customers said lies here: nobody else on this machine reads it. An existing folder is the operator's.
            settings.instance.chmod(0o700)
    except OSError as error:
        raise SettingError("VOC_INSTANCE", f"{settings.instance} cannot be made: {error.strerror}") from None


def _furnish(runtime: Runtime) -> None:
    """Write the house if there is none, and have every form computed again: a plugin may be a new version."""
    now = runtime.clock()
    with runtime.db.writing(patience=30) as session:
        if queries.house(session) is None:
            furnish(session, runtime.settings, runtime.keys, runtime.host, now=now)
            session.flush()
        name_house(session, runtime.settings.company)
        add_shipped_rules(session, language=runtime.settings.language, now=now)
        refresh_forms(session, now=now)


def name_house(session: Session, company: str) -> None:
    """Let the house bear the name of the setting; an empty one changes nothing."""
    house, name = queries.house(session), one_line(storable(company))[:120]
    if house is not None and name and house.name != name:
        house.name, house.short_name = name, name[:40]


def first_calendar(zone: str) -> Calendar:
    """Monday to Friday, nine to six, until somebody says otherwise."""
    hours = (Span.parse("09:00", "18:00"),)
    return Calendar(zone=zone, week=dict.fromkeys(range(5), hours))


def furnish(session: Session, settings: Settings, keys: Keys, host: PluginHost, *, now: datetime) -> None:
    """A house that works from the first minute: roles, an administrator, a team, targets, topics and one form."""
    users.add_roles(session)
    session.flush()
    admin = users.add(
        session, email=FIRST_EMAIL, name="Administrator", role=RoleName.ADMIN, language=settings.language, now=now
    )
    team = Team(id=new_id(), name=_TEAM[settings.language], lead_id=admin.id, created_at=now)
    sla = SlaVersion(
        id=new_id(),
        name="default",
        definition=default_sla(first_calendar(settings.zone)).to_definition(),
        created_at=now,
    )
    session.add_all([team, sla, Counter(name="case", value=0)])
    add_first_topics(session, now=now)
    session.flush()
    session.add(
        House(
            id=1,
            name="voc",
            short_name="voc",
            language=settings.language,
            zone=settings.zone,
            key_check=keys.check(),
            sla_version_id=sla.id,
            default_team_id=team.id,
            demo_total=None,
            demo_done=None,
            created_at=now,
        )
    )
    if host.channel("webform") is not None:
        add_channel(session, host, kind="webform", name=_FORM[settings.language], slug="feedback", options={}, now=now)


_TEAM = {"es": "Atención al cliente", "pt": "Atendimento ao cliente", "en": "Customer care"}
_FORM = {"es": "Formulario web", "pt": "Formulário do site", "en": "Web form"}

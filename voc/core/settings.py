"""Every setting, declared once: name, type, default, help. `docs/settings.md` is held to this list by a test.

Order: defaults, `settings.env` in the instance folder, environment, command line. A secret may also come from a
file named by `VOC_<NAME>_FILE`. Values are checked when the process starts; a wrong one stops it, by name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from voc.core.errors import SettingError
from voc.core.vocabulary import LANGUAGES

Check = Callable[[Any], str | None]


def setting(default: Any, help: str, *, secret: bool = False, check: Check | None = None) -> Any:
    """Declare one setting; `check` returns what is wrong with a value, or None."""
    return field(default=default, metadata={"help": help, "secret": secret, "check": check})


def between(low: float, high: float) -> Check:
    """A check that a number lies from `low` to `high`."""
    return lambda value: None if low <= value <= high else f"must lie between {low} and {high}, not {written(value)}"


def written(value: float) -> str:
    """A number as somebody would type it: all digits of a whole one, no exponent before it is really large."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def one_of(*choices: str) -> Check:
    """A check that a word is among `choices`."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}, not {value!r}"


def _base_url(value: str) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return f"must be an http or https address, not {value!r}"
    return None


def _zone(value: str) -> str | None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return f"is no time zone: {value!r} (for example America/Lima)"
    return None


def _rate(value: str) -> str | None:
    count, _, period = value.partition("/")
    if count.isdigit() and int(count) > 0 and period in ("second", "minute", "hour", "day"):
        return None
    return f"must look like 30/minute, not {value!r}"


def _sender(value: str) -> str | None:
    if not value or re.fullmatch(r"[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+", value):
        return None
    return f"must hold an address, for example Aurora <ayuda@aurora.pe>, not {value!r}"


def _networks(value: str) -> str | None:
    from ipaddress import ip_network

    for part in filter(None, (part.strip() for part in value.split(","))):
        try:
            ip_network(part)
        except ValueError:
            return f"must be networks with commas between them, for example 10.0.0.0/8, not {part!r}"
    return None


def _days(value: str) -> str | None:
    days = [int(part) for part in value.split(",") if part.strip().isdigit()] if value.strip() else []
    given = len(value.split(",")) if value.strip() else 0
    if len(days) == given <= 2 and days == sorted(set(days)) and all(1 <= day <= 365 for day in days):
        return None
    return f"must be at most two rising numbers of days, for example 3,7, not {value!r}"


def _hours(value: str) -> str | None:
    found = re.fullmatch(r"(([01][0-9]|2[0-3]):[0-5][0-9])-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)", value)
    if found and found[1] < found[3]:
        return None
    return f"must look like 09:00-20:00, not {value!r}"


def _analyzers(values: tuple[str, ...]) -> str | None:
    for value in values:
        if not re.fullmatch(r"[a-z]{2,3}=[a-z0-9][a-z0-9_.-]*", value):
            return f"must be pairs such as en=textblob-en, not {value!r}"
    return None


def _notifiers(values: tuple[str, ...]) -> str | None:
    for value in values:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", value):
            return f"must be names of notifiers with commas between them, not {value!r}"
    return None


def _database(value: str) -> str | None:
    if not value or value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return None
    return "must start with sqlite:/// or postgresql+psycopg://"


@dataclass(frozen=True)
class Settings:
    """All settings of one process."""

    instance: Path = setting(Path("instance"), "Folder of this instance: database, key, drop-in plugins.")
    database_url: str = setting(
        "", "SQLAlchemy address of the database; empty: voc.db in the instance folder.", check=_database
    )
    host: str = setting("127.0.0.1", "Address the server listens on.")
    port: int = setting(8080, "Port the server listens on; 0 picks a free one.", check=between(0, 65535))
    company: str = setting(
        "", "Name of the company as customers see it on pages and in mails; empty: it stays as it is."
    )
    base_url: str = setting(
        "", "Address customers and agents see, for links in mails; empty: where it listens.", check=_base_url
    )
    trusted_proxies: int = setting(
        0, "How many reverse proxies stand before the server and set X-Forwarded-*.", check=between(0, 5)
    )
    threads: int = setting(16, "Request threads of the web process.", check=between(1, 128))
    body_limit: int = setting(1_048_576, "Largest request body in bytes.", check=between(16_384, 104_857_600))
    receive_deadline: float = setting(20.0, "Seconds a client may take to send one request.", check=between(1, 600))
    drain: float = setting(
        8.0, "Seconds that requests in flight may take to finish after SIGTERM.", check=between(0.1, 60)
    )
    form_rate: str = setting("30/minute", "Submissions of public forms allowed to one address.", check=_rate)
    signin_rate: str = setting("10/minute", "Sign-in attempts allowed to one address.", check=_rate)
    form_min_seconds: float = setting(
        2.0, "A form sent back faster than this was not filled in by a person.", check=between(0, 60)
    )
    form_hours: float = setting(
        24.0,
        "Hours a form page stays valid; after that it is shown again with what was typed.",
        check=between(0.01, 720),
    )
    language: str = setting("es", "Language of screens and mails where nobody chose one.", check=one_of(*LANGUAGES))
    zone: str = setting(
        "America/Lima", "Time zone of screens, and of the calendar made at the first start.", check=_zone
    )
    mail_from: str = setting(
        "", "Sender of our mails, for example Aurora <ayuda@aurora.pe>; empty: no mail is sent.", check=_sender
    )
    smtp_host: str = setting("127.0.0.1", "Mail server that takes our mails.")
    smtp_port: int = setting(25, "Its port.", check=between(1, 65535))
    smtp_security: str = setting(
        "none", "Encryption towards it: none, starttls or tls.", check=one_of("none", "starttls", "tls")
    )
    smtp_user: str = setting("", "User name at the mail server; empty: no sign-in.")
    smtp_password: str = setting("", "Password at the mail server.", secret=True)
    smtp_timeout: float = setting(20.0, "Seconds the mail server may take for one step.", check=between(1, 300))
    survey_pause_days: int = setting(
        30, "Days before the same person is invited to a survey again, whichever survey it is.", check=between(0, 3650)
    )
    survey_reminder_days: str = setting(
        "3,7",
        "Days after an invitation on which somebody who has not answered is reminded, at most two; empty: never.",
        check=_days,
    )
    survey_expiry_days: int = setting(30, "Days for which an invitation can be answered.", check=between(1, 365))
    survey_hours: str = setting(
        "09:00-20:00",
        "Hours in which invitations are mailed, in the house's zone; holidays of its calendar are quiet.",
        check=_hours,
    )
    private_addresses: str = setting(
        "",
        "Networks of private addresses that channels and webhooks may talk to, for example 10.0.0.0/8,127.0.0.1/32.",
        check=_networks,
    )
    encryption_key: str = setting(
        "", "Key for secrets and signed links; empty: the file `key` in the instance folder.", secret=True
    )
    plugins: str = setting(
        "all",
        "Which plugins are loaded: all, bundled (only what came with voc), or none, to start when one does harm.",
        check=one_of("all", "bundled", "none"),
    )
    plugins_blocked: tuple[str, ...] = setting((), "Names of plugins that are not loaded, separated by commas.")
    plugins_isolated: tuple[str, ...] = setting(
        (), "Names of plugins that run in processes of their own, separated by commas; * for every plugin."
    )
    plugins_in_worker: tuple[str, ...] = setting(
        (),
        "Names of plugins that are trusted to run inside the worker, also as a dropped-in folder; * for every plugin.",
    )
    analyzers: tuple[str, ...] = setting(
        (),
        "Analyzer by language, for example en=textblob-en, separated by commas. Without it a plugin that was added "
        "judges the languages it declares, and the model that ships judges the others.",
        check=_analyzers,
    )
    notifiers: tuple[str, ...] = setting(
        (),
        "Names of plugins' notifiers that hear of every missed deadline beside the team's lead, separated by commas, "
        "for example chatroom.",
        check=_notifiers,
    )
    embeddings: bool = setting(
        False,
        "Whether the worker makes embeddings of what is said, for searching by meaning and grouping what says nearly "
        "the same; needs the extra `embeddings`.",
    )
    plugin_seconds: float = setting(10.0, "Seconds one call into a plugin may take.", check=between(0.1, 600))
    plugin_memory_mb: int = setting(
        512, "Memory (MB of address space) that one process of an isolated plugin may use.", check=between(128, 65_536)
    )
    plugin_file_mb: int = setting(16, "Largest file (MB) that an isolated plugin may write.", check=between(0, 65_536))
    worker_frozen_seconds: float = setting(
        20.0,
        "Seconds for which no thread of the worker could run after which it ends itself and is started anew.",
        check=between(5, 600),
    )
    embedded_worker: bool = setting(True, "Whether `voc serve` starts and supervises a worker of its own.")
    receipt_days: int = setting(
        0, "Days the raw body of a receipt is kept after it was read; 0: for ever.", check=between(0, 36500)
    )
    disk_low_mb: int = setting(
        500, "Below this much free space (MB) the status turns to warning.", check=between(1, 10_000_000)
    )
    log_level: str = setting(
        "info",
        "How much is logged: debug, info, warning or error.",
        check=one_of("debug", "info", "warning", "error"),
    )
    log_format: str = setting("text", "One line per event as text or as json.", check=one_of("text", "json"))

    @property
    def url(self) -> str:
        """The database address that applies."""
        return self.database_url or f"sqlite:///{self.instance.resolve() / 'voc.db'}"

    def public(self, path: str) -> str:
        """The address of `path` as customers see it."""
        base = self.base_url or f"http://{self.host}:{self.port}"
        return base.rstrip("/") + path


def declared() -> list[Field[Any]]:
    """The declared settings in order."""
    return list(fields(Settings))


def variable(item: Field[Any]) -> str:
    """The name of a setting in the environment."""
    return f"VOC_{item.name.upper()}"


# What a command beside the server reads for itself: the folder with the open data, for the trainer and its benchmarks.
NOT_OF_THE_SERVER = frozenset({"VOC_TRAINING_DATA"})


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings that apply; raises SettingError with the name of the first wrong one."""
    environ = dict(os.environ if environment is None else environment)
    folder = Path(overrides.get("instance") or environ.get("VOC_INSTANCE") or "instance")
    merged = {**_read_file(folder / "settings.env"), **environ}
    known = {variable(item) for item in declared()}
    secrets = {variable(item) + "_FILE" for item in declared() if item.metadata["secret"]}
    for name in merged:
        if name.startswith("VOC_") and name not in known | secrets | NOT_OF_THE_SERVER:
            raise SettingError(name, "there is no such setting (see docs/settings.md)")
    values: dict[str, Any] = {"instance": folder}
    for item in declared():
        raw = merged.get(variable(item))
        if item.metadata["secret"] and (path := merged.get(variable(item) + "_FILE")):
            raw = _read_secret(variable(item) + "_FILE", path)
        if item.name == "instance" or raw is None:
            continue
        values[item.name] = _convert(item, raw)
    values.update({name: value for name, value in overrides.items() if value is not None and name != "instance"})
    for item in declared():
        _check(item, values.get(item.name, item.default))
    return Settings(**values)


def _check(item: Field[Any], value: Any) -> None:
    check = item.metadata["check"]
    reason = check(value) if check and value is not MISSING else None
    if reason:
        raise SettingError(variable(item), reason)


def _convert(item: Field[Any], raw: str) -> Any:
    name, default = variable(item), item.default
    text = raw.strip()
    if isinstance(default, bool):
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if text.lower() not in words:
            raise SettingError(name, f"must be yes or no, not {raw!r}")
        return words[text.lower()]
    if isinstance(default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(default, (int, float)):
        try:
            return type(default)(text)
        except ValueError:
            wanted = "a whole number" if isinstance(default, int) else "a number"
            raise SettingError(name, f"must be {wanted}, not {raw!r}") from None
    return raw


def _read_file(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of `settings.env`; lines that start with # and empty lines do not count."""
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.partition("=")
        if not sign or not name.strip().startswith("VOC_"):
            raise SettingError(f"{path}, line {number}", "must look like VOC_NAME=value")
        values[name.strip()] = value.strip().strip('"')
    return values


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(name, f"cannot be read: {error.strerror}") from None

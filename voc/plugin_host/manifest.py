"""`plugin.toml`: what the host must know about a plugin without importing it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from voc.core.errors import Invalid
from voc.plugin import CONTRACT
from voc.plugin_host.texts import Texts, read_texts

# The oldest contract that plugins of are still loaded.
OLDEST = 1
# What may be offered beside channels and analyzers, each a list of names.
OFFERS = ("actions", "notifiers", "slots", "exporters", "commands", "schedules")

CAPABILITIES = frozenset({"ACCEPT", "EDITS", "FETCH", "FORM", "SEND", "THREADS"})
ISOLATIONS = ("worker", "process")
# Lines of a broken plugin.toml in which the place is looked for.
MOST_LINES = 500
# What a plugin may say of itself; `voc plugin check` says whether it is so.
LEVELS = ("", "bronze", "silver", "gold")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked plugin.toml. `isolation` is what the plugin asks for: `worker`, or `process` for one of its own.

    `texts` holds, by language, how title, description and options are called there. `level` is the level of the
    conformance kit that it claims. `offers` are the names of what else it offers, by key; `keys` are all that it gives.
    """

    name: str
    title: str
    description: str
    contract: int
    kinds: tuple[str, ...]
    analyzers: tuple[str, ...]
    capabilities: frozenset[str]
    isolation: str
    texts: Mapping[str, Texts] = field(default_factory=dict)
    version: str = ""
    level: str = ""
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()


def read_manifest(path: Path) -> Manifest:
    """Read and check `path`; raises Invalid with one sentence per wrong field."""
    try:
        return _of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Invalid("plugin.toml is missing beside the code") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"plugin.toml cannot be read: byte {error.start + 1} is no UTF-8") from None
    except OSError as error:
        raise Invalid(f"plugin.toml cannot be read: {error.strerror or error}") from None


# It is read again at every look for plugins, and seldom another one.
@lru_cache(maxsize=64)
def _of(text: str) -> Manifest:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"plugin.toml cannot be read: {error}{_begun(text, str(error))}") from None
    return check_manifest(data)


def _begun(text: str, words: str) -> str:
    """Where that begins which is not closed at the end of the file, as `; see line 7`."""
    lines = text.splitlines(keepends=True)
    if "line " in words or len(lines) > MOST_LINES:
        return ""
    for number in range(len(lines), 0, -1):
        try:
            tomllib.loads("".join(lines[: number - 1]))
        except tomllib.TOMLDecodeError:
            continue
        return f"; it begins in line {number}"
    return ""


def check_manifest(data: dict[str, Any]) -> Manifest:
    """The manifest in `data`; raises Invalid with everything that is wrong at once."""
    errors: dict[str, list[str]] = {}

    def words(name: str) -> tuple[str, ...]:
        value = data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            errors[name] = ["must be a list of words"]
            return ()
        return tuple(value)

    def sentence(name: str, required: bool = False) -> str:
        value = data.get(name, "")
        if not isinstance(value, str) or (required and not value):
            errors[name] = ["must be given as text"]
            return ""
        return value

    contract = data.get("contract")
    if wrong_contract := contract_problem(contract):
        errors["contract"] = [wrong_contract]
    isolation = data.get("isolation", "worker")
    if isolation not in ISOLATIONS:
        errors["isolation"] = [f"must be one of {', '.join(ISOLATIONS)}, not {isolation!r}"]
    capabilities = frozenset(words("capabilities"))
    if unknown := capabilities - CAPABILITIES:
        errors["capabilities"] = [f"this voc does not know {', '.join(sorted(unknown))}"]
    texts, wrong = read_texts(data.get("texts", {}))
    if wrong:
        errors["texts"] = wrong
    manifest = Manifest(
        name=sentence("name", required=True),
        title=sentence("title"),
        description=sentence("description"),
        contract=contract if isinstance(contract, int) else 0,
        kinds=words("kinds"),
        analyzers=words("analyzers"),
        capabilities=capabilities,
        isolation=str(isolation),
        texts=texts,
        version=sentence("version"),
        level=sentence("level"),
        offers={key: words(key) for key in OFFERS if key in data},
        keys=frozenset(data),
    )
    if manifest.level not in LEVELS:
        errors["level"] = [f"must be one of {', '.join(LEVELS[1:])}, not {manifest.level!r}"]
    if errors:
        raise Invalid("plugin.toml: " + Invalid(fields=errors).args[0], fields=errors)
    return manifest


def contract_problem(contract: Any, *, newest: int = CONTRACT, oldest: int = OLDEST) -> str | None:
    """Why a plugin of `contract` cannot be loaded, and what to do; None when it can."""
    if isinstance(contract, bool) or not isinstance(contract, int):
        return f"must say which contract it was written for; this voc speaks {newest}"
    if contract > newest:
        return f"was written for contract {contract}, which is newer than the {newest} of this voc; update voc"
    if contract < oldest:
        return (
            f"was written for contract {contract}, which is older than the {oldest} that this voc still speaks; "
            "ask for a newer version of the plugin"
        )
    return None

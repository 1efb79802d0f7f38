"""The package that `voc plugin new` writes: whole, passing bronze at once, with marks where the author goes on."""

from __future__ import annotations

import importlib.machinery
import keyword
import re
import shutil
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from voc.core.errors import Conflict, Invalid
from voc.plugin import CONTRACT
from voc.testkit.scaffolding import channel, fixtures, offer_fixtures, offer_papers, papers
from voc.testkit.scaffolding.offers import PARTS
from voc.testkit.scaffolding.offers import code as code_of_offers

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40
# What is written unless somebody says what else: one with fixtures, capabilities and rules of its own.
CHANNEL = frozenset({"channel"})
# Names that mean something else: to the switch of all plugins, in the instance's folder, and in the project itself.
RESERVED = frozenset({"all", "bundled", "none", "plugins", "tests"})
# Names that no exporter can have.
FORMATS = ("jsonl", "csv", "xlsx")
# A plugin that only sends or threads would hear nobody.
HEARS = frozenset({"ACCEPT", "FETCH", "FORM"})


def write(
    into: Path,
    name: str,
    *,
    kind: str,
    title: str,
    capabilities: frozenset[str] = frozenset(),
    offers: frozenset[str] = CHANNEL,
) -> list[Path]:
    """Write the project `name` below `into`; returns its files. `offers` are CHANNEL, or keys of PARTS, all of them
    called `kind`. Raises Invalid, or Conflict when it is there."""
    check_name(name, ending(offers))
    check_word("kind", kind)
    capabilities = frozenset(item.upper() for item in capabilities)
    _check_offers(offers, kind, capabilities)
    if not title.strip() or len(title) > 100 or any(char in title for char in '"\\\n\r'):
        raise Invalid('a title is a text of up to 100 characters without " and \\')
    return _written(into / name, contents(name, kind=kind, title=title, capabilities=capabilities, offers=offers))


def _written(project: Path, files: Mapping[str, str]) -> list[Path]:
    """The files, all of them or none."""
    try:
        project.mkdir(parents=True)
    except FileExistsError:
        raise Conflict(f"{project} is there already; nothing was written") from None
    except OSError as error:
        raise Invalid(f"{project} cannot be written: {error.strerror}; nothing was written") from None
    try:
        for path, text in files.items():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(project, ignore_errors=True)
        raise Invalid(f"{project} cannot be written: {error.strerror}; nothing was written") from None
    return [project / path for path in files]


def check_word(what: str, value: str) -> None:
    """Raises Invalid for what cannot be a name or kind."""
    if not _NAME.fullmatch(value) or len(value) > LONGEST:
        raise Invalid(f"{what} {value!r} must be of small letters, digits and _, such as acme_chat")


def ending(offers: Collection[str]) -> str:
    """What makes another name of one that is taken."""
    return "channel" if set(offers) <= CHANNEL else "plugin"


def check_name(name: str, end: str) -> None:
    """Raises Invalid for what no plugin can be called, Conflict for what something else is called; with `end`, another
    name is proposed."""
    check_word("name", name)
    if keyword.iskeyword(name):
        raise Invalid(f"{name} is a word of Python, which cannot be imported; take {name}_{end}")
    if name in RESERVED:
        raise Invalid(f"{name} means something else to voc; take {name}_{end}")
    if _is_taken(name):
        raise Conflict(
            f"a module {name} is installed already: the plugin would hide it, or be hidden; take {name}_{end}"
        )


def _check_offers(offers: frozenset[str], kind: str, capabilities: frozenset[str]) -> None:
    """Raises Invalid for what cannot be one plugin."""
    if unknown := sorted(offers - CHANNEL - PARTS.keys()):
        raise Invalid(f"a plugin cannot offer {unknown[0]!r}: choose among {', '.join((*CHANNEL, *PARTS))}")
    if offers != CHANNEL:
        if not offers or offers & CHANNEL:
            raise Invalid("a channel is written by itself: make what else you offer with a name of its own, beside it")
        if capabilities:
            asked, others = ", ".join(sorted(capabilities)), ", ".join(sorted(offers))
            is_what = "is what" if len(capabilities) == 1 else "are what"
            raise Invalid(f"{asked} {is_what} a channel can do: {others} can do none of it")
        if "exporter" in offers and kind in FORMATS:
            raise Invalid(f"{kind} is a format of voc itself; give the exporter another name (--kind)")
        return
    if not capabilities & HEARS:
        raise Invalid(f"a channel must hear customers: choose at least one of {', '.join(sorted(HEARS))}")
    if not capabilities & {"ACCEPT", "FETCH"} and (more := sorted(capabilities - {"FORM"})):
        need = "needs" if len(more) == 1 else "need"
        raise Invalid(f"{', '.join(more)} {need} a source that is heard by ACCEPT or FETCH")


def _is_taken(name: str) -> bool:
    """Whether something else is imported by this name: a vendor's library, or what comes with Python."""
    return name in sys.builtin_module_names or importlib.machinery.PathFinder.find_spec(name, _elsewhere()) is not None


def _elsewhere() -> list[str]:
    """Where modules come from, without the folder that one stands in."""
    here = Path.cwd()
    return [path for path in sys.path if path and Path(path).resolve() != here]


def contents(
    name: str,
    *,
    kind: str,
    title: str,
    capabilities: frozenset[str] = frozenset(),
    offers: frozenset[str] = CHANNEL,
) -> dict[str, str]:
    """The text of every file by its path in the project."""
    words = {"name": name, "kind": kind, "title": title, "contract": str(CONTRACT), "dashed": name.replace("_", "-")}
    words["class"] = "".join(part.capitalize() for part in kind.split("_"))
    words["about"] = "as a channel of" if offers == CHANNEL else "for"
    chosen = [offer for offer in PARTS if offer in offers]
    readme = papers.readme(words, capabilities) if offers == CHANNEL else offer_papers.readme(words, chosen)
    around = {
        "README.md": readme,
        "pyproject.toml": papers.pyproject(words),
        ".github/workflows/conformance.yml": papers.workflow(words),
        "tests/test_conformance.py": papers.test(words),
    }
    if offers == CHANNEL:
        return around | {
            f"{name}/__init__.py": channel.code(words, capabilities),
            f"{name}/plugin.toml": papers.manifest(words, capabilities),
            f"{name}/fixtures.py": fixtures.code(words, capabilities),
        }
    return around | {
        f"{name}/__init__.py": code_of_offers(words, chosen),
        f"{name}/plugin.toml": offer_papers.manifest(words, chosen),
        f"{name}/fixtures.py": offer_fixtures.code(words, chosen),
    }

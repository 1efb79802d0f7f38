"""What `docs/generate.py` says of the contract: the reference, written from the source of `voc.plugin` itself, that of
the conformance kit from `voc.testkit`, and the table of the bundled plugins."""

from __future__ import annotations

import ast
import inspect
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import voc.plugin
import voc.testkit

HERE = Path(voc.plugin.__file__).parent
KIT = Path(voc.testkit.__file__).parent
PLUGINS = Path(__file__).resolve().parents[1] / "plugins"

# The files of the contract in the order in which an author meets them; others follow by name.
ORDER = {
    "spec": "Hooks",
    "channel": "A channel",
    "options": "Options",
    "calls": "What is posted to us",
    "messages": "Messages",
    "form": "Forms",
    "mail": "Mails",
    "analyzer": "Analyzers",
    "offer": "Other offers",
    "facts": "What the house tells",
}
# The files of the kit in the order in which an author meets them.
KIT_ORDER = {
    "said": "What a customer says",
    "fixtures": "Fixtures",
    "vendor": "A vendor on loopback",
    "desk": "A channel at work",
    "suite": "As tests",
    "rule": "Rules",
    "running": "Running the rules",
}
# What a bundled plugin is worth looking at for. One that is not named here is shown with its own description.
SHOWS = {
    "chatroom": "A notifier and a rule's action that share one small client; plugin-wide settings.",
    "email": "Fetching from something that is no HTTP, a cursor for several folders, threads by Message-ID, robots "
    "told apart, raw mails taken from a pipe (`takes_mail`), mail servers as a fake vendor.",
    "flat_ods": "An exporter that writes a large file in pieces and keeps nothing between them.",
    "heartbeat": "Work that comes round by itself, told figures by the house, and a command to try it.",
    "mastodon": "A public API with pages, edits and deletions found by looking again, waiting as the server asks, a "
    "vendor's library on the host's guarded session, a whole social network as a fake vendor.",
    "shop_card": "A panel on a page: asking another system about a verified customer, and saying that it was silent.",
    "survey": "A form in three languages, a second page that adds to the first (`Edited`), one tap that a GET never "
    "records.",
    "textblob_en": "The smallest analyzer: evidence, and *unknown* where no word speaks.",
    "webform": "The smallest channel: a form whose texts the operator may change.",
    "webhook": "Signatures of three kinds, a challenge, identity by the sender's id or by none, options that are "
    "places in other people's JSON.",
}


def reference() -> str:
    """Every public name with its signature and its docstring, file by file."""
    files = sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__init__")
    parts = [f"The contract has the number {voc.plugin.CONTRACT}: `CONTRACT`."]
    for name in [*(item for item in ORDER if item in files), *(item for item in files if item not in ORDER)]:
        source = (HERE / f"{name}.py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        entries = [entry for node in tree.body for entry in _entry(node, source, voc.plugin.__all__)]
        if entries:
            title = ORDER.get(name, f"{name.capitalize()}s" if not name.endswith("e") else "Schedules")
            parts += [f"## {title}", ast.get_docstring(tree) or "", *entries]
    return "\n\n".join(part for part in parts if part)


def kit() -> str:
    """Every public name of the conformance kit, file by file."""
    parts = []
    for name, title in KIT_ORDER.items():
        source = (KIT / f"{name}.py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        entries = [entry for node in tree.body for entry in _entry(node, source, voc.testkit.__all__)]
        parts += [f"## {title}", ast.get_docstring(tree) or "", *entries]
    return "\n\n".join(part for part in parts if part)


def _entry(node: ast.stmt, source: str, public: list[str]) -> Iterator[str]:
    """What is said of one name, when it is public."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id in public:
            code = f"### `{target.id}`\n\n```python\n{ast.get_source_segment(source, node)}\n```"
            yield f"{code}\n\n{_above(node, source)}".strip()
    elif isinstance(node, ast.FunctionDef) and node.name in public:
        yield f"### `{node.name}`\n\n{_signature(node, source)}\n\n{_said(node)}"
    elif isinstance(node, ast.FunctionDef):
        if node.name.startswith("voc_") and node.decorator_list:
            yield f"### `{node.name}`\n\n{_signature(node, source)}\n\n{_said(node)} [More](../hooks.md)."
    elif isinstance(node, ast.ClassDef) and node.name in public:
        yield "\n\n".join([f"### `{node.name}`", _shape(node, source), _said(node), *_methods(node, source)]).strip()


def _above(node: ast.stmt, source: str) -> str:
    """The comment that stands right above."""
    lines = source.splitlines()[: node.lineno - 1]
    said: list[str] = []
    while lines and lines[-1].startswith("# "):
        said.insert(0, lines.pop()[2:])
    return textwrap.fill(" ".join(said), 120)


def _shape(node: ast.ClassDef, source: str) -> str:
    """The head of a class and its fields with their defaults; of what makes a default is shown what it makes."""
    bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
    fields = [ast.get_source_segment(source, item) or "" for item in node.body if isinstance(item, ast.AnnAssign)]
    fields = [item.replace("field(default_factory=dict)", "{}") for item in fields]
    made = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
    fields += [f"{_head(item, source)}: ..." for item in made]
    if not fields:
        return f"```python\nclass {node.name}{bases}: ...\n```"
    return "\n".join(["```python", f"class {node.name}{bases}:", *(f"    {item}" for item in fields), "```"])


def _signature(node: ast.FunctionDef, source: str) -> str:
    of = "@property\n" if any(ast.unparse(item) == "property" for item in node.decorator_list) else ""
    return f"```python\n{of}{_head(node, source)}: ...\n```"


def _head(node: ast.FunctionDef, source: str) -> str:
    """A function as it is written, up to the colon."""
    lines = source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
    return inspect.cleandoc("\n".join(lines)).split("  # type")[0].removesuffix(":")


def _methods(node: ast.ClassDef, source: str) -> Iterator[str]:
    """The methods that others call or override."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
            yield f"#### `{node.name}.{item.name}`\n\n{_signature(item, source)}\n\n{_said(item)}".strip()


def _said(node: ast.ClassDef | ast.FunctionDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node) or "")


def examples() -> str:
    """The bundled plugins: what each one offers, can, and shows."""
    rows = ["| plugin | offers | can | level | look there for |", "|---|---|---|---|---|"]
    for folder in sorted(path.parent for path in PLUGINS.glob("*/plugin.toml")):
        said = tomllib.loads((folder / "plugin.toml").read_text(encoding="utf-8"))
        offers = [f"{key} `{name}`" for key in _OFFERS for name in said.get(key) or []]
        can = ", ".join(f"`{name}`" for name in sorted(said.get("capabilities") or [])) or "–"
        shows = SHOWS.get(folder.name, said["description"])
        words = ", ".join(offers).replace("kinds ", "channels ")
        rows.append(f"| `voc_plugins.{folder.name}` | {words} | {can} | {said.get('level', '–')} | {shows} |")
    return "\n".join(rows)


_OFFERS = ("kinds", "analyzers", "actions", "notifiers", "slots", "exporters", "commands", "schedules")

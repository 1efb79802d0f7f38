"""The code of a new plugin that is no channel: one class for each thing it offers, with a guess about the other side in
each that asks one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voc.testkit.scaffolding.asking import with_answers
from voc.testkit.scaffolding.papers import filled


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of offer: its key in plugin.toml, what the code needs of the contract and of Python, and the class.

    `asks`: it asks somebody else, for which the plugin has settings.
    """

    key: str
    code: str
    contract: frozenset[str]
    standard: tuple[str, ...] = ()
    asks: bool = True


def code(words: Mapping[str, str], offers: Sequence[str]) -> str:
    """`__init__.py`; `offers` are keys of PARTS."""
    parts = [PARTS[offer] for offer in offers]
    asks = any(part.asks for part in parts)
    names = {"hookimpl"}.union(*(part.contract for part in parts))
    lines = {line for part in parts for line in part.standard}
    if asks:
        names |= {"Context", "Misconfigured", "Option", "Options", "TryLater", "Undeliverable"}
        lines |= {"from typing import Any"}
    collections = sorted(line for line in lines if line.startswith("collections: "))
    lines -= set(collections)
    if collections:
        wanted = sorted({name for line in collections for name in line.removeprefix("collections: ").split(", ")})
        lines.add(f"from collections.abc import {', '.join(wanted)}")
    standard = sorted(lines, key=lambda line: (line.startswith("from"), line))
    imported = ",\n    ".join(sorted(names, key=lambda name: (name[0].islower(), name)))
    body = _HEAD.replace("@imports@", imported)
    body = body.replace("@standard@", "\n".join([*standard, ""]) + "\n" if standard else "")
    body += (_SETTINGS if asks else "") + "".join(part.code for part in parts)
    body += (_ASK + _SETTINGS_HOOK if asks else "") + "".join(_hook(offer) for offer in offers)
    return filled(body, words)


def _hook(offer: str) -> str:
    part = PARTS[offer]
    word = "Scheduled" if offer == "schedule" else offer.capitalize()
    text = _HOOK.replace("@key@", part.key).replace("@base@", word if offer != "analyzer" else "@class@Analyzer")
    return text.replace("@made@", f"@class@{offer.capitalize()}")


_HEAD = '''\
"""@title@ for voc. Of voc it imports the contract, `voc.plugin`, and nothing else."""

from __future__ import annotations

@standard@from voc.plugin import (
    @imports@,
)
'''

_SETTINGS = """
# FILL IN: what people set once for the whole plugin.
SETTINGS = Options(
    Option("base_url", "Address of the server.", default="https://api.@dashed@.example"),
    Option("token", "What voc signs in with.", secret=True, required=True),
)
"""

_ANALYZER = '''
# FILL IN: your words, or the way to your model. These few are here to have something to try.
WORDS: dict[str, dict[str, SentimentLabel]] = {
    "en": {"terrible": "negative", "excellent": "positive"},
    "es": {"terrible": "negative", "excelente": "positive"},
    "pt": {"péssimo": "negative", "excelente": "positive"},
}
MOST_EVIDENCE = 50
_WORD = re.compile(r"\\w+")


class @class@Analyzer:
    """FILL IN: by what it judges. It is pure: no network, no clock, nothing kept between two texts."""

    name = "@kind@"
    version = "0.1"
    languages = frozenset(WORDS)

    def analyze(self, text: str, language: str) -> Sentiment:
        """Judge by the words that are known; *unknown* where none is there, or where they contradict each other."""
        known = WORDS.get(language, {})
        labels: set[SentimentLabel] = set()
        marks: list[Evidence] = []
        for found in _WORD.finditer(text):
            label = known.get(found[0].lower())
            if label is not None and len(marks) < MOST_EVIDENCE:
                labels.add(label)
                marks.append(Evidence(found.start(), found.end(), label))
        if len(labels) != 1:
            return Sentiment("unknown", None, 0.0)
        label = labels.pop()
        # FILL IN: how often that label is right, measured, and not how sure it feels.
        return Sentiment(label, 0.7, -0.7 if label == "negative" else 0.7, tuple(marks))
'''

_ACTION = '''

class @class@Action(Action):
    """FILL IN: what a rule can have done."""

    name = "@kind@"
    title = "Tell @title@"
    options = Options(Option("note", "What goes along, in the team's own words.", default=""))

    def run(self, ctx: Context, deed: Deed) -> Done:
        """Do it. The same deed.id is the same deed: hand it on as the idempotency key."""
        # FILL IN: what the other side is told. There may be no case, no customer and no text.
        said = {"text": deed.feedback.text or "", "link": deed.feedback.link, "note": deed.values.get("note") or ""}
        _ask(ctx, "POST", "/deeds", data=said, key=deed.id)
        return Done("It is done.")
'''

_NOTIFIER = '''

class @class@Notifier(Notifier):
    """FILL IN: where colleagues are told."""

    name = "@kind@"
    title = "@title@"

    def notify(self, ctx: Context, notice: Notice) -> None:
        """Tell it; no exception means told. The same notice.id is the same notice, told once."""
        # FILL IN: how the other side takes a notice.
        said = {"subject": notice.subject, "text": notice.text, "link": notice.link, "urgent": notice.urgent}
        _ask(ctx, "POST", "/notices", data=said, key=notice.id)
'''

_SLOT = '''

class @class@Slot(Slot):
    """FILL IN: what it shows of a customer."""

    name = "@kind@"
    title = "@title@"
    place: SlotPlace = "case"  # FILL IN: or "customer"

    def fill(self, ctx: Context, customer: CustomerFacts, case: CaseFacts | None) -> Panel | None:
        """What is known of the customer there; None for nothing. Only what was verified is in `customer`."""
        if not customer.external_id:
            return None  # FILL IN: by what the other side knows people
        try:
            found = _ask(ctx, "GET", "/customers", {"id": customer.external_id}).get("facts")
        except Undeliverable:
            return None
        # FILL IN: which of it people need beside the case, at most 20 lines.
        facts = found if isinstance(found, dict) else {}
        return Panel(tuple(Row(str(label), str(value)) for label, value in facts.items())[:20])
'''

_EXPORTER = '''

class @class@Exporter(Exporter):
    """FILL IN: the format. It is pure: pieces may be made by different processes, and again."""

    name = "@kind@"
    title = "@title@"
    suffix = ".txt"

    def begin(self, columns: Sequence[str]) -> bytes:
        """The names of the columns."""
        return _line(columns)

    def rows(self, columns: Sequence[str], records: Sequence[Mapping[str, Any]], first: int) -> bytes:
        """A line for each record."""
        return b"".join(_line([record[name] for name in columns]) for record in records)


def _line(values: Sequence[Any]) -> bytes:
    """Values with tabs between them: nothing for None, 0 for 0, and no line of its own for a line break within."""
    return ("\\t".join(map(_cell, values)) + "\\n").encode("utf-8", "replace")


def _cell(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    # A customer's words may be a formula to whoever opens the file in a spreadsheet.
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@") else text
'''

_COMMAND = '''

class @class@Command(Command):
    """FILL IN: what it does."""

    name = "@kind@"
    title = "@title@"
    help = "Says how the other side is."

    def run(self, ctx: Context, values: Mapping[str, Any]) -> Iterable[str]:
        """Do it and give the lines for standard output."""
        found = _ask(ctx, "GET", "/status")  # FILL IN: what the command is for
        yield f"The server says: {' '.join(str(found.get('state')).split())}"
'''

_SCHEDULE = '''

class @class@Schedule(Scheduled):
    """FILL IN: what it does again and again."""

    name = "@kind@"
    title = "@title@"
    minutes = 60  # FILL IN: how often
    wants = ("figures",)

    def run(self, ctx: Context, told: Mapping[str, Any]) -> str:
        """Do it, safe to run twice; one sentence for the page *Plugins*."""
        # FILL IN: what the other side is told. Before the first proof `left_behind` is None.
        figures = {name: told["figures"].get(name) for name in ("open", "overdue", "left_behind")}
        _ask(ctx, "POST", "/figures", data=figures)
        return "It is done."
'''

_ASK = with_answers('''

def _ask(
    ctx: Context, method: str, path: str, query: dict[str, str] | None = None, data: Any = None, key: str = ""
) -> dict[str, Any]:
    """One request; raises what the host understands. No secret may stand in what is raised."""
    url = f"{str(ctx.options.get('base_url') or '').rstrip('/')}{path}"
    headers = {"Authorization": f"Bearer {ctx.options.get('token')}", **({"Idempotency-Key": key} if key else {})}
    try:
        answer = ctx.http.request(method, url, params=query, json=data, headers=headers, allow_redirects=False)
@refused@
    if answer.status_code in (404, 410):
        raise Undeliverable("the server does not know what this is about")
@answered@
''')

_SETTINGS_HOOK = '''

@hookimpl
def voc_settings() -> Options:
    """What people set for the plugin as a whole."""
    return SETTINGS
'''

_HOOK = '''

@hookimpl
def voc_@key@() -> list[@base@]:
    """Offered under the name that plugin.toml declares."""
    return [@made@()]
'''

_ANY = "from typing import Any"

PARTS: Mapping[str, Part] = {
    "analyzer": Part(
        "analyzers", _ANALYZER, frozenset({"Evidence", "Sentiment", "SentimentLabel"}), ("import re",), asks=False
    ),
    "action": Part("actions", _ACTION, frozenset({"Action", "Deed", "Done"})),
    "notifier": Part("notifiers", _NOTIFIER, frozenset({"Notice", "Notifier"})),
    "slot": Part("slots", _SLOT, frozenset({"CaseFacts", "CustomerFacts", "Panel", "Row", "Slot", "SlotPlace"})),
    "exporter": Part(
        "exporters", _EXPORTER, frozenset({"Exporter"}), ("collections: Mapping, Sequence", _ANY), asks=False
    ),
    "command": Part("commands", _COMMAND, frozenset({"Command"}), ("collections: Iterable, Mapping", _ANY)),
    "schedule": Part("schedules", _SCHEDULE, frozenset({"Scheduled"}), ("collections: Mapping", _ANY)),
}

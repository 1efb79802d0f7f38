"""Running rules on one plugin: what came of each, and which level that makes."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import voc.testkit.rules  # noqa: F401  (fills RULES)
from voc.testkit.plugin import OFFERS, Located, Plugin, load, words
from voc.testkit.rule import LEVELS, RULES, Broken, Level, NotTested, NoVendor, Rule
from voc.testkit.rules.process import snapshot
from voc.testkit.subject import Subject

# Seconds that one rule may take.
LIMIT = 25.0
# `untried`: nobody knows whether it is kept, for what it needs cannot be had.
State = Literal["kept", "broken", "skipped", "untried"]
STATES: tuple[State, ...] = get_args(State)
# Rules that need no fixtures: without them nothing else could be said.
UNAIDED = frozenset(
    {
        "loads",
        "fixtures",
        "texts",
        "options-explained",
        "analyzer-loads",
        "offer-loads",
        "offer-explained",
        "offer-texts",
    }
)
# What says why nothing else can be said.
FIRST = ("loads", "analyzer-loads", "offer-loads")
# What cannot be left out for a reason.
HELD = (*FIRST, "fixtures", "vendor", "offer-vendor")
# What `voc plugin new` writes where it could only guess, and how much code is looked through for it.
GUESS = "FILL" + " IN"
MOST_FILES, MOST_BYTES = 100, 500_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one rule for one kind. `text`: what is wrong, or why it was skipped or not tried. `hung`: it never
    came back."""

    rule: str
    kind: str
    state: State
    text: str = ""
    where: str = ""
    seconds: float = 0.0
    hung: bool = False

    @property
    def sentence(self) -> str:
        """What is wrong, where, how to mend."""
        place = f" [{self.where}]" if self.where else ""
        return f"{self.text}{place}. {RULES[self.rule].mend}"

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "level": RULES[self.rule].level, "title": RULES[self.rule].title}


def subjects(located: Located, *, host_says: str = "") -> list[Subject]:
    """Everything in a plugin that can be tested; at least one, which says why when there is nothing."""
    before = snapshot()
    plugin = load(located)
    found: list[Subject] = []
    for kind in plugin.channels:
        fixtures = plugin.fixtures.get(kind)
        found.append(Subject(plugin, kind, "channel", host_says=host_says, before=before))
        if fixtures is not None:
            found[-1].fixtures = fixtures
    for name in plugin.analyzers:
        found.append(Subject(plugin, name, "analyzer", host_says=host_says, before=before))
        if name in plugin.analyzer_fixtures:
            found[-1].analyzer_fixtures = plugin.analyzer_fixtures[name]
    for name in plugin.offers:
        found.append(Subject(plugin, name, "offer", host_says=host_says, before=before))
        own = plugin.fixtures_of(name)
        if own is not None:
            found[-1].offer_fixtures = own
    return found or [_nothing(plugin, host_says)]


def _nothing(plugin: Plugin, host_says: str) -> Subject:
    """What stands for a plugin that offers nothing."""
    of: Literal["channel", "analyzer", "offer"] = "channel"
    if not words(plugin.manifest, "kinds"):
        offers = any(words(plugin.manifest, key) for key in OFFERS)
        of = "analyzer" if words(plugin.manifest, "analyzers") else "offer" if offers else "channel"
    name = str(plugin.manifest.get("name") or plugin.located.folder.name)
    plugin.trouble = plugin.trouble or host_says or "it offers nothing: neither kinds nor analyzers nor anything else"
    return Subject(plugin, name, of, host_says=host_says)


def wanted(subject: Subject, level: Level = "gold", off: Iterable[str] = ()) -> list[Rule]:
    """The rules for a subject up to a level, easiest first. Only the first when it could not be loaded, and those that
    need no fixtures when there are none."""
    ranks = LEVELS[: LEVELS.index(level) + 1]
    found = [
        rule for rule in RULES.values() if rule.level in ranks and rule.id not in set(off) and rule.applies(subject)
    ]
    if subject.plugin.trouble or subject.host_says:
        found = [rule for rule in RULES.values() if rule.id in FIRST and rule.of == subject.of]
    elif not subject.has_fixtures:
        found = [rule for rule in found if rule.id in UNAIDED]
    return sorted(found, key=lambda rule: (LEVELS.index(rule.level), list(RULES).index(rule.id)))


def planned(subject: Subject, level: Level = "gold", off: Iterable[str] = ()) -> list[Rule]:
    """The rules that are `wanted`, now that the subject will be held to them."""
    found = wanted(subject, level, off)
    subject.planned = frozenset(rule.id for rule in found)
    return found


def run_rule(rule: Rule, subject: Subject, *, limit: float = LIMIT) -> Outcome:
    """One rule on one subject, in a thread of its own that is given up after `limit` seconds."""
    for name in (rule.id, *rule.features):
        if name in subject.cannot and rule.id not in HELD:
            return Outcome(rule.id, subject.name, "skipped", str(subject.cannot[name]))
    # A vendor that never starts is said before the rule that tries it is given up.
    subject.patience = min(subject.patience, 0.8 * limit)
    result: list[BaseException | None] = []
    thread = threading.Thread(target=_checked, args=(rule, subject, result), name=f"rule {rule.id}", daemon=True)
    began = time.monotonic()
    thread.start()
    thread.join(limit)
    seconds = round(time.monotonic() - began, 3)
    if not result:
        frame = sys._current_frames().get(thread.ident or 0)
        place = _place(subject, traceback.extract_stack(frame)) if frame else ""
        text = f"it did not come back within {limit:g} seconds"
        return Outcome(rule.id, subject.name, "broken", text, place, seconds, hung=True)
    error = result[0]
    if error is None:
        return Outcome(rule.id, subject.name, "kept", seconds=seconds)
    if isinstance(error, NoVendor):
        return Outcome(rule.id, subject.name, "untried", str(error), seconds=seconds)
    if isinstance(error, NotTested):
        return Outcome(rule.id, subject.name, "skipped", str(error), seconds=seconds)
    if isinstance(error, Broken):
        return Outcome(rule.id, subject.name, "broken", str(error), _where(rule, subject), seconds)
    said = " ".join(str(error).split())[:300]
    text = said if isinstance(error, NotImplementedError) and said else f"it raised {type(error).__name__}: {said}"
    place = _place(subject, traceback.extract_tb(error.__traceback__)) or _where(rule, subject)
    return Outcome(rule.id, subject.name, "broken", text.rstrip(": "), place, seconds)


def _checked(rule: Rule, subject: Subject, result: list[BaseException | None]) -> None:
    try:
        rule.check(subject)
    except BaseException as error:  # noqa: BLE001  the plugin border: even SystemExit is only its own
        result.append(error)
    else:
        result.append(None)


def _where(rule: Rule, subject: Subject) -> str:
    if not subject.is_there:
        return f"{subject.plugin.located.folder.name}/plugin.toml"
    if rule.method == "fixtures.py":
        return f"{subject.plugin.located.folder.name}/fixtures.py"
    return subject.where(rule.method)


def _place(subject: Subject, frames: Iterable[Any]) -> str:
    """The innermost line of the plugin's own in a traceback."""
    folder = subject.plugin.located.folder
    own = [frame for frame in frames if str(frame.filename).startswith(f"{folder}/")]
    return f"{own[-1].filename.removeprefix(f'{folder.parent}/')}:{own[-1].lineno} ({own[-1].name})" if own else ""


def run(located: Located, *, level: Level = "gold", off: Iterable[str] = (), limit: float = LIMIT) -> Iterator[Outcome]:
    """Every rule up to a level, in this process. For a plugin that nobody knows, `voc.testkit.child` is safer."""
    for subject in subjects(located):
        try:
            for rule in planned(subject, level, off):
                yield run_rule(rule, subject, limit=limit)
        finally:
            subject.parsers.close()


def reached(outcomes: Iterable[Outcome]) -> Level | None:
    """The highest level of which no rule is broken, nor of those below it; None for nothing at all, and where rules
    could not be tried."""
    every = list(outcomes)
    broken = {RULES[outcome.rule].level for outcome in every if outcome.state == "broken"}
    found: Level | None = None
    if not every or any(outcome.state == "untried" for outcome in every):
        return None
    for level in LEVELS:
        if level in broken:
            return found
        found = level
    return found


def left_out(outcomes: Iterable[Outcome]) -> int:
    """How many rules of the level that is reached, and of those below it, the plugin was not held to."""
    every = list(outcomes)
    got = reached(every)
    levels = LEVELS[: LEVELS.index(got) + 1] if got else ()
    return len({item.rule for item in every if item.state == "skipped" and RULES[item.rule].level in levels})


def verdict(outcomes: Iterable[Outcome]) -> str:
    """The level in words: `gold, 3 rules left out`, or `below bronze`."""
    every = list(outcomes)
    count = left_out(every)
    more = f", {count} {'rule' if count == 1 else 'rules'} left out" if count else ""
    return f"{reached(every) or 'below bronze'}{more}"


def guesses(folder: Path) -> int:
    """How many places of a plugin's code are still marked FILL IN: what `voc plugin new` guessed of the vendor."""
    files = [file for file in sorted(folder.glob("*.py"))[:MOST_FILES] if file.stat().st_size <= MOST_BYTES]
    return sum(file.read_text(encoding="utf-8", errors="replace").count(GUESS) for file in files)


def summary(outcomes: Iterable[Outcome]) -> Mapping[str, Any]:
    """A report as JSON has it. `left_out` is how many rules the level does without."""
    every = list(outcomes)
    counts: dict[str, int] = {state: sum(item.state == state for item in every) for state in STATES}
    return {"level": reached(every), "left_out": left_out(every), **counts, "rules": [item.plain() for item in every]}

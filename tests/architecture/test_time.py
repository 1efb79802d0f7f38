"""Time: aware everywhere, the wall clock read in one place, `now` passed in below the edges."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

# Files that may read the wall clock, each with its reason.
MAY_READ_THE_CLOCK = {
    "voc/core/clock.py": "the clock",
    "voc/core/ids.py": "the milliseconds in a UUIDv7; no rule looks at them",
}
# Files that may name `utc_now`: those that choose the clock of a runtime. Everybody else asks `runtime.clock()`.
MAY_CHOOSE_THE_CLOCK = {
    "voc/core/clock.py": "the clock",
    "voc/runtime/build.py": "the default of a runtime",
    "voc/runtime/instance.py": "the same",
    "voc/cli/backup.py": "works on an instance that is not opened",
    "voc/cli/doctor.py": "works on an instance that perhaps cannot be opened",
    "voc/cli/plugin_play.py": "plays a vendor, and opens no instance",
}
ALWAYS_NAIVE = {"utcnow", "today", "utcfromtimestamp"}
WALL_CLOCK = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"}


def naive(source: Any) -> Iterator[str]:
    """Calls that make a datetime or date without a zone."""
    for node in source.walk():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, owner = node.func.attr, ast.unparse(node.func.value)
        if owner.split(".")[-1] not in ("datetime", "date"):
            continue
        zone = any(keyword.arg in ("tz", "tzinfo") for keyword in node.keywords)
        needed = {"now": 1, "fromtimestamp": 2}.get(name)
        if name in ALWAYS_NAIVE or (needed and len(node.args) < needed and not zone):
            yield f"{source.at(node)} {ast.unparse(node)}"


def wall_clock(source: Any) -> Iterator[str]:
    """Places that read the wall clock, aware or not."""
    from_time = {
        alias.asname or alias.name
        for node in source.walk()
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if f"time.{alias.name}" in WALL_CLOCK
    }
    for node in source.walk():
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name in WALL_CLOCK or name in ("datetime.now", "datetime.datetime.now", "date.today"):
                yield f"{source.at(node)} {name}"
        elif isinstance(node, ast.Name) and node.id in from_time:
            yield f"{source.at(node)} {node.id}"


def chosen_clocks(source: Any) -> Iterator[str]:
    """Places that name `utc_now` beside its import."""
    for node in source.walk():
        if isinstance(node, ast.Name) and node.id == "utc_now":
            yield source.at(node)


def test_no_naive_time(house: Any) -> None:
    assert [line for source in house.sources("voc", "plugins", "migrations", "docs") for line in naive(source)] == []


def test_wall_clock_is_read_in_one_place(house: Any) -> None:
    sources = [source for source in house.sources("voc", "plugins") if source.path not in MAY_READ_THE_CLOCK]
    assert [line for source in sources for line in wall_clock(source)] == []


def test_clock_is_chosen_by_the_runtime(house: Any) -> None:
    sources = [source for source in house.sources("voc") if source.path not in MAY_CHOOSE_THE_CLOCK]
    assert [line for source in sources for line in chosen_clocks(source)] == []


def test_exceptions_are_still_needed(house: Any) -> None:
    assert [path for path in MAY_READ_THE_CLOCK if not list(wall_clock(house.source(path)))] == []
    choosing = [path for path in MAY_CHOOSE_THE_CLOCK if path != "voc/core/clock.py"]
    assert [path for path in choosing if not list(chosen_clocks(house.source(path)))] == []


def test_rules_find_what_they_are_for(made_up: Any) -> None:
    bad = made_up(
        "voc/x.py",
        "a = datetime.now()\nb = datetime.utcnow()\nc = date.today()\nd = datetime.fromtimestamp(1)\n"
        "from time import time as t\ne = t()\nf = utc_now()\n",
    )
    assert len(list(naive(bad))) == 4
    assert len(list(wall_clock(bad))) == 3
    assert len(list(chosen_clocks(bad))) == 1
    good = made_up("voc/y.py", "import time\na = datetime.fromtimestamp(1, UTC)\nb = time.monotonic()\nc = clock()\n")
    assert [*naive(good), *wall_clock(good), *chosen_clocks(good)] == []

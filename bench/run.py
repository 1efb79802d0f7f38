"""The command: runs the scenarios and prints one table of ratios with their targets."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import again, analysis, inbox, intake, isolation, latency, mail, morning, phrases, rules, search, weight
from bench.figures import Figure, table

PARTS = (
    "again",
    "analysis",
    "intake",
    "isolation",
    "latency",
    "inbox",
    "mail",
    "morning",
    "phrases",
    "rules",
    "search",
    "weight",
)


def main(argv: list[str] | None = None) -> None:
    """Measure what was asked for; exit status 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--quick", action="store_true", help="small bursts and short waits, to see that it runs")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="only these scenarios")
    parser.add_argument("--items", type=int, help="how much past is understood again (100,000)")
    parser.add_argument("--folder", type=Path, help="where the databases lie while it runs (a temporary folder)")
    asked = parser.parse_args(argv)
    print(_machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="voc-bench-", dir=asked.folder) as folder:
        figures = [figure for part in PARTS if part in asked.only for figure in _measure(part, Path(folder), asked)]
    print(table(figures))
    sys.exit(0 if all(figure.ok for figure in figures) else 1)


def _measure(part: str, folder: Path, asked: argparse.Namespace) -> list[Figure]:
    """One scenario; `--quick` makes it small."""
    tell(f"{part}:")
    own = folder / part
    own.mkdir()
    quick: bool = asked.quick
    rounds = min(asked.rounds, 2) if quick else asked.rounds
    if part == "again":
        return again.measure(own, items=asked.items or (2_000 if quick else 100_000), tell=tell)
    if part == "analysis":
        return analysis.measure(tell=tell)
    if part == "intake":
        return intake.measure(own, rounds=rounds, burst=1000 if quick else 5000, tell=tell)
    if part == "isolation":
        return isolation.measure(own, rounds=rounds, tell=tell)
    if part == "latency":
        return latency.measure(own, samples=50 if quick else 200, tell=tell)
    if part == "inbox":
        return inbox.measure(own, many=20_000 if quick else 100_000, rounds=rounds, tell=tell)
    if part == "mail":
        return mail.measure(own, count=300 if quick else 2000, rounds=rounds, tell=tell)
    if part == "morning":
        few, many = (2_000, 50_000) if quick else (10_000, 1_000_000)
        return morning.measure(own, few=few, many=many, rounds=rounds, tell=tell)
    if part == "phrases":
        return phrases.measure(own, many=10_000 if quick else 200_000, rounds=rounds, tell=tell)
    if part == "rules":
        return rules.measure(own, rounds=rounds * 3, tell=tell)
    if part == "search":
        return search.measure(own, many=20_000 if quick else 1_000_000, rounds=rounds, tell=tell)
    return weight.measure(own, seconds=10 if quick else 60, rounds=rounds, tell=tell)


def tell(line: str) -> None:
    """Say how far it is."""
    print(line, flush=True)


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.2f} before the start, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}; ratios mean more than rates"
    )


if __name__ == "__main__":
    main()

"""`voc plugin check`: the conformance kit on one plugin, in a child with limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from voc.testkit import Level, Outcome

LEVELS = ("bronze", "silver", "gold")
MARKS = {"kept": "✓", "broken": "✗", "skipped": "–", "untried": "?"}
WORDS = {"untried": "not tried"}
# What says why others cannot be tried.
VENDORS = frozenset({"vendor", "offer-vendor"})


@click.command()
@click.argument("plugin")
@click.option("--json", "as_json", is_flag=True, help="The whole report as one JSON object.")
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    help="Exit with 1 below this level; without it, below the one that plugin.toml claims, else below bronze.",
)
@click.option("--all", "everything", is_flag=True, help="Name the rules that are kept as well.")
@click.option("--only", multiple=True, metavar="RULE", help="Only this rule; may be repeated.")
@click.option("--limit", type=click.FloatRange(min=0.1), default=25.0, help="Seconds that one rule may take.")
def check(
    plugin: str, as_json: bool, level: Level | None, everything: bool, only: tuple[str, ...], limit: float
) -> None:
    """Hold PLUGIN (a folder, or the name of one that is here) to the rules of the conformance kit.

    Each rule that is broken is said in one sentence: what is wrong, where, how to mend it. The plugin runs in a child
    with limits, so that it can neither hang nor hurt the terminal.
    """
    from voc.cli.checking import HOST_SAYS, located
    from voc.testkit import RULES, guesses, reached, summary, verdict
    from voc.testkit.child import checked
    from voc.testkit.plugin import claimed

    found = located(plugin)
    demanded = level or claimed(found.folder) or "bronze"
    outcomes: list[Outcome] = []
    # Whoever needs the vendor must hear that it cannot be had.
    wanted = {*only, *(VENDORS if any(RULES[name].may_ask for name in only if name in RULES) else ())}
    off = [name for name in RULES if only and name not in wanted]
    if unknown := sorted(set(only) - RULES.keys()):
        raise click.BadParameter(f"there is no rule {unknown[0]}", param_hint="--only")
    for outcome in checked(found, host=HOST_SAYS, off=off, limit=limit):
        if only and outcome.rule not in only and outcome.state == "kept":
            continue
        outcomes.append(outcome)
        if not as_json and outcome.state == "broken":
            click.echo(f"✗ {RULES[outcome.rule].level:6} {outcome.rule}: {outcome.sentence}")
    got = reached(outcomes)
    enough = got is not None and LEVELS.index(got) >= LEVELS.index(demanded)
    if as_json:
        report = {"plugin": found.folder.name, "demanded": demanded, "enough": enough, **summary(outcomes)}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _tell(outcomes, everything=everything)
        scope = " by these rules alone" if only else ""
        wish = "" if enough else f", and {demanded} is wanted"
        if not only and (marks := guesses(found.folder)):
            click.echo(f"marked FILL IN: {marks}, there the vendor is still a guess")
        click.echo(f"{found.folder.name}: {verdict(outcomes)}{scope}{wish}")
    if not enough:
        raise SystemExit(1)


def _tell(outcomes: list[Outcome], *, everything: bool) -> None:
    """Level by level: how many rules, what was left out and why."""
    from voc.testkit import RULES

    for level in LEVELS:
        mine = [item for item in outcomes if RULES[item.rule].level == level]
        counts = {state: sum(item.state == state for item in mine) for state in MARKS}
        if not mine:
            continue
        said = ", ".join(f"{count} {WORDS.get(state, state)}" for state, count in counts.items() if count)
        click.echo(f"{level}: {said}")
        for item in mine:
            if item.state == "skipped":
                click.echo(f"  – {item.rule}: left out, {item.text}")
            elif item.state == "kept" and everything:
                click.echo(f"  ✓ {item.rule}: {RULES[item.rule].title}")
        if untried := [item.rule for item in mine if item.state == "untried"]:
            click.echo(f"  ? not tried: {', '.join(untried)}")

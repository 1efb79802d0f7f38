"""`voc channel reread`: stored receipts read with the code as it is now, old and new side by side."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from voc.cli.opening import opened
from voc.core.errors import VocError

if TYPE_CHECKING:
    from voc.intake.rereading.compare import Line, Pair
    from voc.intake.rereading.look import Look
    from voc.model import Channel
    from voc.runtime import Runtime

# Characters of one value that are shown.
WIDTH = 300
WORDS = {
    "same": "the same", "changed": "changed", "readable": "can be read now", "waiting": "not read yet",
    "held": "still cannot be read", "gone": "its body is not kept any more", "second": "WOULD BE A SECOND FEEDBACK",
    "lost": "FEEDBACK WOULD BE LOST", "unreadable": "CAN NO LONGER BE READ",
}  # fmt: skip


@click.command()
@click.argument("slug")
@click.argument("receipt", type=click.UUID, required=False)
@click.option("--last", type=click.IntRange(1, 1000), default=5, show_default=True, help="So many of the newest.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
def reread(slug: str, receipt: UUID | None, last: int, as_json: bool) -> None:
    """Read stored receipts of the channel SLUG with the code as it is now, and only look: nothing is stored.

    For each receipt, or for RECEIPT alone, what is stored (-) and what the code says now (+), field by field; = is the
    same. Exit 1 when one would be a second feedback, would lose one, or can no longer be read. Shows what customers
    wrote; the channel's secrets are masked. Beside a running server too. What raises is named with file and line on
    standard error.
    """
    from voc.intake.channels import known_secrets
    from voc.intake.reading.queries import newest_receipts
    from voc.intake.rereading.compare import WRONG
    from voc.intake.rereading.look import look_again
    from voc.plugin_host.masking import masker

    with opened() as runtime:
        # Where in the code it raises goes to standard error.
        runtime.host.guard.shows_frames = True
        with runtime.db.reading() as session:
            found = _channel(runtime, slug)
            ids = [receipt] if receipt else [line.id for line in newest_receipts(session, found.id, limit=last)]
        masked = masker({**(known_secrets(runtime.keys, found) or {}), "key": found.key})
        looks = look_again(runtime, found, ids)
        counts = _as_json(slug, looks, masked) if as_json else _told(looks, masked)
        if not ids:
            click.echo(f"nothing came through the channel {slug} that could be read again", err=True)
        raise SystemExit(1 if counts.keys() & WRONG else 0)


def _channel(runtime: Runtime, slug: str) -> Channel:
    """The channel, when a loaded plugin reads it; raises NotFound, and VocError with the reason."""
    from voc.cli.channel import channel_of

    with runtime.db.reading() as session:
        found = channel_of(session, slug)
    if found.kind != "api" and runtime.host.channel(found.kind) is None:
        raise VocError(runtime.host.missing(found.kind))
    return found


def _told(looks: Iterator[Look], masked: Callable[[str], str]) -> Counter[str]:
    """Print them; how many of each verdict."""
    counts: Counter[str] = Counter()
    for look in looks:
        counts[look.comparison.verdict] += 1
        for line in _lines(look):
            click.echo(masked(line))
    if counts.total() > 1:
        told = ", ".join(f"{count} {WORDS[verdict]}" for verdict, count in counts.items())
        click.echo(f"{counts.total()} receipts: {told}")
    return counts


def _lines(look: Look) -> Iterator[str]:
    """One receipt as people read it."""
    receipt, found = look.receipt, look.comparison
    at = receipt.received_at.isoformat(timespec="seconds")
    size = len(receipt.body) if receipt.body is not None else 0
    yield f"receipt {receipt.id} {at} {_shown(receipt.content_type)} {size} bytes: {WORDS[found.verdict]}"
    for warning in found.warnings:
        yield f"  ! {_shown(warning)}"
    yield from _fields(found.lines)
    for pair in found.pairs:
        yield f"  {_title(pair)}"
        yield from _fields(pair.lines)
    for other in found.others:
        yield f"  + {_shown(other)}"


def _title(pair: Pair) -> str:
    if pair.old and pair.new:
        return f"feedback {pair.old} (its id in the channel: {_shown(pair.new)})"
    return f"feedback {pair.old}, as it is stored" if pair.old else f"a new feedback {_shown(pair.new)}"


def _fields(lines: tuple[Line, ...]) -> Iterator[str]:
    for line in lines:
        if line.same:
            if line.old is not None:
                yield f"  = {line.field:11} {_shown(line.old)}"
            continue
        for sign, value in (("-", line.old), ("+", line.new)):
            if value is not None:
                yield f"  {sign} {line.field:11} {_shown(value)}"


def _shown(value: Any) -> str:
    """A value on one line of the screen."""
    from voc.analysis.evaluation.writing import plain

    text = plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def _as_json(slug: str, looks: Iterator[Look], masked: Callable[[str], str]) -> Counter[str]:
    """Print one object; how many of each verdict."""
    receipts, counts = [], Counter[str]()
    for look in looks:
        counts[look.comparison.verdict] += 1
        receipts.append(_plain(look))
    found = {"channel": slug, "verdicts": dict(counts), "receipts": receipts}
    click.echo(json.dumps(_without(found, masked), ensure_ascii=False, indent=2))
    return counts


def _plain(look: Look) -> dict[str, Any]:
    """One receipt as programs read it."""
    found = look.comparison
    return {
        "receipt": str(look.receipt.id),
        "received_at": look.receipt.received_at.isoformat(),
        "content_type": look.receipt.content_type,
        "verdict": found.verdict,
        "warnings": list(found.warnings),
        "fields": _sides(found.lines),
        "feedback": [
            {"old": pair.old or None, "new": pair.new or None, "fields": _sides(pair.lines)} for pair in found.pairs
        ],
        "others": list(found.others),
    }


def _sides(lines: tuple[Line, ...]) -> dict[str, Any]:
    return {line.field: {"old": line.old, "new": line.new, "same": line.same} for line in lines}


def _without(value: Any, masked: Callable[[str], str]) -> Any:
    """The same without secrets, wherever they stand."""
    if isinstance(value, dict):
        return {masked(str(name)): _without(item, masked) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, masked) for item in value]
    return masked(value) if isinstance(value, str) else value

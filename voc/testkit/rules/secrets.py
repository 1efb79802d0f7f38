"""Secrets: in no log, no exception, nothing that is shown, and not in the object itself."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from voc.plugin import Health, HttpCall, Page, Refused
from voc.testkit.desk import Desk, listening
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject, Tried, tried

TROUBLES = (None, "denied", "down", "nonsense")


def moments(subject: Subject) -> Iterator[tuple[str, Tried]]:
    """(what was asked of the channel, what came of it), while everything goes well and while it does not."""
    if subject.capabilities & {"FETCH", "SEND"}:
        for kind in TROUBLES:
            with subject.at_work() as (desk, vendor):
                vendor.put(Said())
                vendor.trouble = kind  # type: ignore[assignment]
                yield from _worked(subject, desk, kind or "well")
    else:
        with subject.desk() as desk:
            yield from _worked(subject, desk, "well")


def _worked(subject: Subject, desk: Desk, how: str) -> Iterator[tuple[str, Tried]]:
    channel = subject.channel()
    yield f"check ({how})", tried(channel.check, desk.ctx())
    if "FETCH" in subject.capabilities:
        yield f"fetch ({how})", tried(channel.fetch, desk.ctx(), None)
    if "SEND" in subject.capabilities:
        yield f"send ({how})", tried(channel.send, desk.ctx(), subject.outbound(Said()))
    if "ACCEPT" in subject.capabilities:
        good = subject.fixtures.call(subject.raw(Said()), at=NOW, options=desk.options)
        for call in (good, replace(good, body=b"x"), HttpCall("POST", {}, {}, b"x"), HttpCall("GET", {}, {}, b"")):
            yield f"accept ({call.method})", tried(channel.accept, desk.accepting(), call)
    yield "the channel itself", Tried(_inside(channel))


def _inside(channel: Any) -> str:
    return f"{channel!r} {channel} {getattr(channel, '__dict__', {})!r}"


def leaked(subject: Subject, text: str) -> str | None:
    """The name of a secret option that stands in this text."""
    return next((name for name, value in subject.secrets.items() if value in text), None)


@rule(
    "secrets-logs",
    "silver",
    "No secret is logged.",
    mend="Log with ctx.log, which masks them, and never log whole requests, headers, options or tokens.",
    method="check",
    asks=["FETCH", "SEND"],
)
def logs(subject: Subject) -> None:
    """Every logger, every level, while all goes well and while it does not; standard output too."""
    for what, lines in _heard(subject):
        for line in lines:
            if name := leaked(subject, line):
                broken(f"{what} wrote the secret option {name} into a log")


def _heard(subject: Subject) -> Iterator[tuple[str, list[str]]]:
    with listening() as ear:
        for what, _ in moments(subject):
            yield what, ear.lines
            ear.lines = []


@rule(
    "secrets-exceptions",
    "silver",
    "No secret is in what is raised or shown.",
    mend="Say what was wrong in your own words; a library's exception often repeats the address with the token in it.",
    method="check",
    asks=["FETCH", "SEND"],
)
def exceptions(subject: Subject) -> None:
    """Exceptions with all they were caused by, and every sentence that is shown."""
    for what, result in moments(subject):
        if result.error is not None:
            text = "".join(traceback.format_exception(result.error))
            if name := leaked(subject, f"{text} {_chain(result.error)}"):
                broken(
                    f"{what} raised {type(result.error).__name__} with the secret option {name} in it or in its cause"
                )
            continue
        value = result.value
        said = value.text if isinstance(value, Health) else value.notice if isinstance(value, Page) else ""
        said += value.reason if isinstance(value, Refused) else ""
        if name := leaked(subject, said):
            broken(f"{what} shows the secret option {name}: {shown(said.replace(subject.secrets[name], '…'))}")


def _chain(error: BaseException | None) -> str:
    """Text and arguments of an exception and of all behind it."""
    texts = []
    for _ in range(20):
        if error is None:
            break
        texts.append(f"{error!s} {error.args!r}")
        error = error.__cause__ or error.__context__
    return " ".join(texts)


@rule(
    "secrets-kept",
    "silver",
    "The channel object holds no secret.",
    mend="Take secrets from ctx.options at every call: one object serves every channel of its kind, each with its own.",
    method="check",
    asks=["FETCH", "SEND"],
)
def kept(subject: Subject) -> None:
    """repr and attributes after work; what is stored and handed on."""
    for what, result in moments(subject):
        if what == "the channel itself":
            if name := leaked(subject, str(result.value)):
                broken(f"after a call the channel object holds the secret option {name}")
        elif isinstance(result.value, Page):
            for item in result.value.items:
                if name := leaked(subject, repr((item.headers, item.delivery_id, result.value.cursor))):
                    broken(f"{what} puts the secret option {name} into what is stored")

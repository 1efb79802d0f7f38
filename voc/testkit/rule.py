"""What a rule is, and how one that is broken says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn

if TYPE_CHECKING:
    from voc.testkit.subject import Subject

# How far a plugin is to be trusted.
Level = Literal["bronze", "silver", "gold"]
# The lowest first.
LEVELS: tuple[Level, ...] = ("bronze", "silver", "gold")
Subjects = Literal["channel", "analyzer", "offer"]
# Who can these asks a vendor.
ASKING = frozenset({"FETCH", "SEND"})


class Broken(Exception):
    """A rule is broken; the text says what is wrong, without a dot at its end."""


class NotTested(Exception):
    """A rule cannot be tested here, and the reason is known."""


class NoVendor(NotTested):
    """A rule needs the vendor of the fixtures, which cannot be had: nobody knows whether the rule is kept."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `needs` are the capabilities that make it apply (of an offer: one of them is its kind, such as
    `exporters`), `features` what the vendor must know for it.

    `mend` says how to put it right. `method` is the method of the channel that most likely breaks it. `asks`: the
    capabilities with which it takes the vendor of the fixtures although it applies without them; a rule that needs
    FETCH or SEND takes it anyway.
    """

    id: str
    title: str
    level: Level
    check: Callable[[Any], None]
    mend: str
    needs: frozenset[str] = frozenset()
    features: tuple[str, ...] = ()
    method: str = "read"
    of: Subjects = "channel"
    asks: frozenset[str] = frozenset()

    @property
    def may_ask(self) -> bool:
        """Whether some plugin cannot be held to it without the vendor of its fixtures."""
        return bool(self.asks or self.needs & ASKING)

    def needs_vendor(self, subject: Subject) -> bool:
        """Whether this plugin cannot."""
        return bool(self.needs & ASKING or self.asks & subject.capabilities)

    def applies(self, subject: Subject) -> bool:
        """Whether this rule is for what the plugin declares."""
        if self.of == "offer":
            return subject.of == "offer" and (not self.needs or bool(self.needs & subject.capabilities))
        return self.of == subject.of and self.needs <= subject.capabilities


# Every rule by its id.
RULES: dict[str, Rule] = {}


def rule(
    id: str,
    level: Level,
    title: str,
    *,
    mend: str,
    needs: Iterable[str] = (),
    features: tuple[str, ...] = (),
    method: str = "read",
    of: Subjects = "channel",
    asks: Iterable[str] = (),
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Make a function a rule; it raises Broken. Its id is unique, of small words with hyphens."""

    def keep(check: Callable[[Any], None]) -> Callable[[Any], None]:
        if id in RULES or not re.fullmatch(r"[a-z]+(-[a-z]+)*", id):
            raise ValueError(f"there cannot be a rule {id!r}")
        RULES[id] = Rule(id, title, level, check, mend, frozenset(needs), features, method, of, frozenset(asks))
        return check

    return keep


def broken(text: str) -> NoReturn:
    """Say what is wrong."""
    raise Broken(text)


def shown(value: Any, limit: int = 90) -> str:
    """A value in a sentence, short."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"

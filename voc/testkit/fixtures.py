"""What an author brings so that the kit can test a plugin: one file, `fixtures.py`, beside the code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from voc.core.text import without_unstorable
from voc.plugin import HttpCall, Metric, Raw
from voc.testkit.said import NOW, Said, Sample

# What goes wrong at the vendor until it is set to None. `down`: it cannot now. `busy`: too many requests, come back in
# BUSY seconds. `denied`: wrong password. `gone`: whom we answer is not there any more. `silent`: it never answers.
# `lost`: the next message is taken, and the connection ends without an answer; then all is well. `nonsense`: an answer
# that means nothing.
Trouble = Literal["down", "busy", "denied", "gone", "silent", "lost", "nonsense"]
# The seconds after which a busy vendor says to come back.
BUSY = 7


@dataclass(frozen=True, slots=True)
class Got:
    """A message of ours that the vendor has. Two with one `key` are one message to the customer."""

    key: str
    text: str


class Vendor(Protocol):
    """The other side on loopback, as real as it needs to be. `voc.testkit.HttpVendor` has the most of it."""

    trouble: Trouble | None

    @property
    def options(self) -> Mapping[str, Any]:
        """Options that lead to it, put over those of the fixtures."""
        ...

    @property
    def got(self) -> Sequence[Got]:
        """What we sent, and it delivered, oldest first."""
        ...

    def put(self, said: Said) -> None:
        """A customer says something there."""
        ...

    def reset(self) -> None:
        """It starts anew, as after a restored backup: what was there is gone, its numbers begin again."""
        ...


class Fixtures:
    """What the kit needs to know of one kind of channel. Subclass it in `fixtures.py`; fill what your channel can do.

    `options`: values with which the channel works; secrets too, made up, of at least eight characters. `metrics`: those
    that the vendor's scores may answer. `samples`: real things with what is to be read in them. `cannot`: by feature
    (`score`, `sent_at`, `no-id`, `attachments`, `answers`) or by rule, the reason why this vendor does not know it;
    what is named there is not tested, and shown. `most_files`: how many files one message of this vendor can hold, None
    for any number; the kit then never says more of them at once.
    """

    kind: str = ""
    options: Mapping[str, Any] = {}
    metrics: Sequence[Metric] = ("nps", "csat", "ces", "stars")
    samples: Sequence[Sample] = ()
    cannot: Mapping[str, str] = {}
    most_files: int | None = None

    def vendor_id(self, neutral: str) -> str:
        """How the vendor calls what the kit calls `neutral` (`Said.id`, `Said.answers`), as the channel writes it.

        Override it where ids cannot be such words, and map them the same way in `raw` and `put`.
        """
        return neutral

    def raw(self, said: Said) -> Raw:
        """`said` as the channel would have stored it; where voc draws the form this is written already."""
        return submission(said)

    def call(self, raw: Raw, *, at: datetime, options: Mapping[str, Any]) -> HttpCall:
        """The vendor's request that brings `raw`, signed at `at`. Needed for `ACCEPT`."""
        raise NotImplementedError("fixtures.py: write call(), the vendor's signed request")

    def vendor(self) -> AbstractContextManager[Vendor]:
        """The vendor on loopback, running. Needed for `FETCH` and `SEND`."""
        raise NotImplementedError("fixtures.py: write vendor(), the vendor on loopback")


class AnalyzerFixtures:
    """What the kit needs to know of one analyzer: texts with their language, of which the label is beyond doubt.

    `no_ground`: texts about which it must say *unknown*.
    """

    name: str = ""
    negative: Sequence[tuple[str, str]] = ()
    positive: Sequence[tuple[str, str]] = ()
    no_ground: Sequence[tuple[str, str]] = ()
    cannot: Mapping[str, str] = {}


class OfferFixtures:
    """What the kit needs to know of the offers of a plugin that are neither channels nor analyzers: of the one called
    `name` (or `action name`, where another kind has one of that name), or of all that have no fixtures of their own.

    `settings`: values of the plugin's own settings with which it works; secrets made up, of at least eight characters.
    `values`: what a rule or a command line gives its options. `figures`: what a schedule is told of the house.
    """

    name: str = ""
    settings: Mapping[str, Any] = {}
    values: Mapping[str, Any] = {}
    figures: Mapping[str, Any] = {
        "open": 3, "overdue": 0, "left_behind": 0, "looked_at": NOW, "waiting": 0, "quarantined": 0
    }  # fmt: skip
    cannot: Mapping[str, str] = {}

    def vendor(self) -> AbstractContextManager[Vendor] | None:
        """The other side on loopback, running; None when there is none. Its `options` are put over `settings`."""
        return None


def submission(said: Said) -> Raw:
    """`said` as voc stores the submission of a form whose fields are called `text`, `score`, `name` and `email`.

    voc gives the id itself and cleans what was typed, so nothing that cannot be stored is in it.
    """
    values: dict[str, Any] = {}
    if said.text is not None:
        values["text"] = without_unstorable(said.text)
    if said.score is not None:
        values |= {"score": said.score, "score.metric": said.metric}
    if said.author is not None:
        given = {"name": said.author.name, "email": said.author.email}
        values |= {name: without_unstorable(value) for name, value in given.items() if value}
    identity = None if said.id is None else without_unstorable(said.id)
    data = {"submission_id": identity, "form_version": 1, "language": "es", "values": values, "robot": None}
    return Raw(json.dumps(data).encode(), "application/json", NOW, {}, said.id)

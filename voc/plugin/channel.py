"""The base class of a channel plugin: subclass it, fill in what your capabilities declare, touch nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from voc.plugin.form import Form
from voc.plugin.messages import Raw, ReadItem
from voc.plugin.options import Options


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel is: `ok`, `warning` or `failing`, and a sentence that says what to do."""

    state: Literal["ok", "warning", "failing"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What `form` and `read` may look at: the options and bounded parsers; no network, no clock."""

    options: Mapping[str, Any] = field(default_factory=dict)
    brand: str = ""
    languages: tuple[str, ...] = ("es", "pt", "en")

    def json(self, raw: Raw, *, limit: int = 1_000_000) -> Any:
        """The JSON value in `raw.body`; raises ValueError when it is not UTF-8 JSON, too deep or over `limit` bytes."""
        if len(raw.body) > limit:
            raise ValueError(f"{len(raw.body)} bytes are more than the {limit} this channel reads")
        try:
            return json.loads(raw.body.decode("utf-8"))
        except RecursionError:
            raise ValueError("nested too deeply") from None


class Channel:
    """One kind of source. `plugin.toml` beside it declares `kinds` and `capabilities`.

    Capabilities of contract 1: `FORM` (override `form`). Every channel overrides `read`.
    """

    kind: str = ""
    title: str = ""
    options: Options = Options()

    def check(self, view: View) -> Health:
        """Say whether the channel could work with these options; called from the worker, may take seconds."""
        return Health("ok")

    def form(self, view: View) -> Form:
        """Return the public form; called when the configuration changes, the result is stored. Capability `FORM`."""
        raise NotImplementedError(f"channel kind {self.kind!r} declares no form")

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """Say what is in `raw`: pure, replayable, the same identities every time.

        Yield at least one item; nothing at all counts as *could not be read* and goes to quarantine, as does any
        exception: its text is shown to the operator as the reason.
        """
        raise NotImplementedError(f"channel kind {self.kind!r} reads nothing")

"""A command of a plugin: `voc run NAME [--option name=value …]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from voc.plugin.channel import Context
from voc.plugin.offer import Offer


class Command(Offer):
    """One command; `options` are what may be given on the command line, `help` is one sentence."""

    help: str = ""

    def run(self, ctx: Context, values: Mapping[str, Any]) -> Iterable[str]:
        """Do it and give the lines for standard output, which no line break is in; each is shown as soon as given.

        Raise Misconfigured or TryLater; any exception is exit status 1 with its sentence.
        """
        raise NotImplementedError(f"command {self.name!r} does nothing")

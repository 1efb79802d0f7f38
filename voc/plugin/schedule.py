"""Work that comes round by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc.plugin.channel import Context
from voc.plugin.offer import Offer


class Scheduled(Offer):
    """Work that one worker at a time does about every `minutes` (at least 1), also after it failed.

    `wants` names what the house should tell it. `figures`: a mapping with `open` and `overdue` promises, people
    `left_behind` as the last proof counted them at `looked_at` (both None before the first), work that is `waiting`,
    and work that is `quarantined`.
    """

    minutes: int = 60
    wants: tuple[str, ...] = ()

    def run(self, ctx: Context, told: Mapping[str, Any]) -> str:
        """Do it, safe to run twice; returns one sentence for the page *Plugins*, empty for none. `told` has what
        `wants` names.

        Raise TryLater or Misconfigured.
        """
        raise NotImplementedError(f"schedule {self.name!r} does nothing")

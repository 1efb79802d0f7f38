"""Another way of telling colleagues than the e-mail of the house."""

from __future__ import annotations

from dataclasses import dataclass

from voc.plugin.channel import Context
from voc.plugin.offer import Offer


@dataclass(frozen=True, slots=True)
class Notice:
    """What a team is told, rendered in `language`. `id` is the same at every try. `kind` is `rule` or `escalation`."""

    id: str
    kind: str
    subject: str
    text: str
    link: str
    language: str = "en"
    urgent: bool = False


class Notifier(Offer):
    """One way of telling colleagues, for example a chat room."""

    def notify(self, ctx: Context, notice: Notice) -> None:
        """Tell it; no exception means told. Called again with the same `notice.id` after an unknown outcome.

        Raise TryLater, Misconfigured, or Undeliverable.
        """
        raise NotImplementedError(f"notifier {self.name!r} tells nobody")

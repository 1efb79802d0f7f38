"""Mastodon: mentions of the brand are feedback, answers are replies. Through the public contract only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from voc.plugin import (
    Channel,
    Context,
    Health,
    Option,
    Options,
    Outbound,
    Page,
    Raw,
    ReadItem,
    Sent,
    View,
    hookimpl,
)

# What talks to servers and reads statuses is imported where it is needed: every process of the house loads this plugin
# at its start, and only the worker works with statuses.


class MastodonChannel(Channel):
    """One account on one server. A receipt is one version of one status, as the server's API gave it."""

    kind = "mastodon"
    title = "Mastodon"
    options = Options(
        Option("base_url", "Address of the server, such as https://mastodon.example.", required=True),
        Option(
            "access_token",
            "Access token of the account, with the scopes read:accounts, read:notifications, read:statuses and "
            "write:statuses.",
            secret=True,
            required=True,
        ),
        Option(
            "visibility",
            "Who sees answers: same as the mention, unlisted, or direct (only the customer). Never more people than "
            "see the mention.",
            type="choice",
            default="same",
            choices=("same", "unlisted", "direct"),
        ),
        Option(
            "start_days",
            "How many days back to begin the first time; 0 for everything that the server still has.",
            type="number",
            default=7,
        ),
        Option(
            "watch_days",
            "How many days long edits and deletions of a mention are looked for; 0 for never.",
            type="number",
            default=7,
        ),
        Option("poll_seconds", "Seconds between two looks for new mentions.", type="number", default=60),
    )

    def check(self, ctx: Context) -> Health:
        """Ask the server whose token this is, and whether it may read mentions and answer."""
        from .checking import try_account

        return try_account(ctx)

    def fetch(self, ctx: Context, cursor: Mapping[str, Any] | None) -> Page:
        """The next mentions, oldest first, and what changed among those of the last days."""
        from .fetching import fetch_page

        return fetch_page(ctx, cursor)

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """One version of one status."""
        from .reading import read_status

        return read_status(view, raw)

    def send(self, ctx: Context, message: Outbound) -> Sent:
        """Reply to the mention."""
        from .sending import send_reply

        return send_reply(ctx, message)


@hookimpl
def voc_channels() -> list[type[Channel]]:
    """The one channel of this plugin."""
    return [MastodonChannel]

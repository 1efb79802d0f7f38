"""Mail: a mailbox read by IMAP or fed by the mail server, answered by SMTP. Through the public contract only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from voc.plugin import (
    Channel,
    Context,
    Health,
    Outbound,
    Page,
    Raw,
    ReadItem,
    Sent,
    View,
    hookimpl,
)

from .settings import OPTIONS, text

# What talks to mail servers and reads mails is imported where it is needed: every process of the house loads this
# plugin at its start, and only the worker works with mails.


class Email(Channel):
    """One mailbox. A raw thing is one mail as it came (`message/rfc822`), its line ends of either kind."""

    kind = "email"
    title = "E-mail"
    options = OPTIONS
    # A mail that lies in two mailboxes of the company is one mail.
    identity = "kind"
    takes_mail = True

    def check(self, ctx: Context) -> Health:
        """Try both servers, and say of each what was found."""
        from .checking import try_mailbox, try_sending

        states = [try_mailbox(ctx), try_sending(ctx)]
        worst = min((health.state for health in states), key=("failing", "warning", "ok").index)
        return Health(worst, " · ".join(health.text for health in states))

    def fetch(self, ctx: Context, cursor: Mapping[str, Any] | None) -> Page:
        """The next mails of the folder, which is never changed; nothing where the mail server brings them."""
        from .fetching import fetch_page

        return fetch_page(ctx, ctx.options, cursor) if text(ctx.options, "imap_host") else Page()

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """A customer's words, what became of a mail of ours, or what no person wrote; ValueError when unreadable."""
        from .reading import read_mail

        yield read_mail(view, raw)

    def send(self, ctx: Context, message: Outbound) -> Sent:
        """Answer in the customer's thread; the same `message_id` is the same mail."""
        from .composing import compose
        from .sending import deliver

        assert ctx.now is not None  # noqa: S101  (the host always gives one)
        mail, sender, recipient = compose(ctx.options, message, now=ctx.now())
        deliver(ctx, ctx.options, mail, sender=sender, recipient=recipient)
        return Sent(message.message_id)


@hookimpl
def voc_channels() -> list[type[Channel]]:
    """The one channel of this plugin."""
    return [Email]

"""Trying both mail servers of a channel, for *test connection*."""

from __future__ import annotations

from voc.plugin import Context, Health, Misconfigured, TryLater

from .composing import address
from .inbox import opened
from .sending import signed_in
from .settings import text


def try_mailbox(ctx: Context) -> Health:
    """What is to be said of the mailbox."""
    host = text(ctx.options, "imap_host")
    if not host:
        return Health("ok", "no mailbox is read: mail comes by voc mail receive")
    try:
        with opened(ctx, ctx.options) as inbox:
            return Health("ok", f"the mailbox at {host} can be read: {inbox.exists} mails")
    except (TryLater, Misconfigured) as error:
        return Health("failing", f"reading: {error}")


def try_sending(ctx: Context) -> Health:
    """What is to be said of the server for answers."""
    host = text(ctx.options, "smtp_host")
    if not host:
        return Health("warning", "no answers can be sent from here: smtp_host is empty")
    if address(text(ctx.options, "from_address")) is None:
        return Health("failing", "sending: from_address is no mail address")
    try:
        with signed_in(ctx, ctx.options):
            return Health("ok", f"{host} takes our answers")
    except (TryLater, Misconfigured) as error:
        return Health("failing", f"sending: {error}")

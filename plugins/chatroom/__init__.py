"""A chat room: what rules and missed deadlines have to say appears where the team talks.

By an incoming webhook as Slack, Mattermost and Rocket.Chat have them: a POST of JSON with `text` to a secret address.
"""

from __future__ import annotations

from voc.plugin import Action, Context, Deed, Done, Notice, Notifier, Option, Options, hookimpl

SETTINGS = Options(
    Option(
        "webhook",
        "Address of the incoming webhook, as the chat room shows it. Whoever knows it can write there.",
        required=True,
        secret=True,
    ),
    Option(
        "urgent_mark",
        "What stands before an urgent notice, for example @channel, <!channel> or an emoji.",
        default="",
    ),
)


class Room(Notifier):
    """Notices to colleagues."""

    name = "chatroom"
    title = "Chat room"

    def notify(self, ctx: Context, notice: Notice) -> None:
        """Write it there."""
        from .posting import post
        from .writing import notice_text

        post(ctx, notice_text(notice, str(ctx.options.get("urgent_mark") or "")), notice.id)


class Post(Action):
    """What a customer said, with a word of the rule's author above it."""

    name = "post"
    title = "Write to the chat room"
    options = Options(
        Option("note", "What stands above it, in the team's own words.", default=""),
        Option("quote", "Show what the customer wrote, not only that there is something.", "flag", default=True),
        Option("room", "Another room than that of the webhook, where the server allows it.", default=""),
    )

    def run(self, ctx: Context, deed: Deed) -> Done:
        """Write it there."""
        from .posting import post
        from .writing import deed_text

        room = str(deed.values.get("room") or "")
        post(ctx, deed_text(deed), deed.id, room=room)
        return Done(f"It stands in the chat room {room}." if room else "It stands in the chat room.")


@hookimpl
def voc_settings() -> Options:
    """Where the room is."""
    return SETTINGS


@hookimpl
def voc_notifiers() -> list[Notifier]:
    """The room."""
    return [Room()]


@hookimpl
def voc_actions() -> list[Action]:
    """Writing there."""
    return [Post()]

"""What the shop knows of a customer, beside the case and on the customer's page: orders, returns, whatever it says.

The shop, or a few lines before it, answers a GET with JSON:
`{"text": …, "rows": [{"label", "value", "link"?, "tone"?}]}`. It is asked by the customer number, else by the e-mail
address, and only with what was verified.
"""

from __future__ import annotations

from voc.plugin import CaseFacts, Context, CustomerFacts, Option, Options, Panel, Slot, SlotPlace, hookimpl

SETTINGS = Options(
    Option(
        "base_url",
        "Address that is asked, such as https://shop.example/voc; external_id or email is put behind it.",
        required=True,
    ),
    Option("token", "Goes along as Authorization: Bearer, when there is one.", secret=True),
    Option(
        "refresh_minutes",
        "After how many minutes an open case is asked about again, at most 10080 (a week); 0: never.",
        "number",
        default=60,
    ),
)


class ShopCard(Slot):
    """The panel beside a case."""

    name = "shop"
    title = "In the shop"
    place: SlotPlace = "case"

    def fill(self, ctx: Context, customer: CustomerFacts, case: CaseFacts | None) -> Panel | None:
        """Ask the shop."""
        from .asking import ask

        return ask(ctx, customer)


class ShopProfile(ShopCard):
    """The same on the customer's page."""

    name = "shop-customer"
    place = "customer"


@hookimpl
def voc_settings() -> Options:
    """Where the shop is."""
    return SETTINGS


@hookimpl
def voc_slots() -> list[Slot]:
    """Both places."""
    return [ShopCard(), ShopProfile()]

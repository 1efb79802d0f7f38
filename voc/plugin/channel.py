"""The base class of a channel plugin: subclass it, fill in what your capabilities declare, touch nothing else."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from voc.plugin.calls import Accepted, HttpCall, Refused, Reply, Signature
from voc.plugin.form import Form
from voc.plugin.mail import Mail
from voc.plugin.messages import Outbound, Page, Raw, ReadItem, Sent
from voc.plugin.options import Options

_LOG = logging.getLogger("voc.plugin")


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel is: `ok`, `warning` or `failing`, and a sentence that says what to do.

    plugin.toml may give the sentence in other languages (`texts.<language>.sentences`), as all that a plugin says.
    """

    state: Literal["ok", "warning", "failing"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What `form` and `read` may look at: the options and bounded parsers; no network, no clock."""

    options: Mapping[str, Any] = field(default_factory=dict)
    brand: str = ""
    languages: tuple[str, ...] = ("es", "pt", "en")
    parsers: Parsers | None = None

    def json(self, raw: Raw, *, limit: int = 1_000_000) -> Any:
        """The JSON value in `raw.body`; raises ValueError when it is not UTF-8 JSON, too deep or over `limit` bytes."""
        if len(raw.body) > limit:
            raise ValueError(f"{len(raw.body)} bytes are more than the {limit} this channel reads")
        try:
            return json.loads(raw.body.decode("utf-8"))
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def mail(self, raw: Raw) -> Mail:
        """The mail in `raw.body`, taken apart in a child with limits; raises ValueError when it cannot be read."""
        return self._parsers().mail(raw.body)

    def text_of_html(self, html: str) -> str:
        """What a person sees of `html`, as plain text with line breaks; never raises, hostile input is cut."""
        return self._parsers().text_of_html(html)

    def _parsers(self) -> Parsers:
        if self.parsers is None:
            raise RuntimeError("this view was made without the host's parsers")
        return self.parsers


class Parsers(Protocol):
    """The host's bounded parsers."""

    def mail(self, body: bytes) -> Mail:
        """Take a mail apart."""
        ...

    def text_of_html(self, html: str) -> str:
        """Plain text of HTML."""
        ...


class Store(Protocol):
    """The channel's own small store: JSON values by name, kept between calls, saved at once."""

    def get(self, name: str) -> Any:
        """The value, None when there is none."""
        ...

    def set(self, name: str, value: Any) -> None:
        """Keep `value`; None forgets it. All values together may take 10,000 characters as JSON, else ValueError."""
        ...


@dataclass(frozen=True, slots=True)
class Context(View):
    """What `check`, `accept`, `fetch` and `send` get besides: guarded ways out, a log, a clock, a small store.

    `http` is a `requests.Session` (annotated as Any: the contract needs nothing installed) with deadlines (5 seconds to
    connect, 20 for each wait after it, unless a call says `timeout=`), answers of at most 20 MB and the address guard.
    It raises what requests raises, subclasses of `requests.RequestException`; their texts hold the whole address, and
    voc masks the channel's secrets in them. `connect(host, port)` opens a guarded TCP socket, wrapped in TLS when `tls`
    is true. `accept` runs while somebody's request waits: there `http` and `connect` raise NotHere, and so does
    `store.set` for a GET.
    """

    http: Any = None
    connect: Callable[..., socket.socket] | None = None
    log: logging.Logger | logging.LoggerAdapter[logging.Logger] = _LOG
    now: Callable[[], datetime] | None = None
    store: Store | None = None


class Channel:
    """One kind of source. `plugin.toml` beside it declares `kinds` and `capabilities`.

    Capabilities: `FORM` (override `form`), `ACCEPT` (`accept`), `FETCH` (`fetch`), `SEND` (`send`), `THREADS`
    (`read` fills `Inbound.thread`), `EDITS` (`read` may return Edited and Deleted). Every channel overrides `read`.
    `identity` says how far `Inbound.external_id` reaches: one id per channel, or the same in all channels of this
    kind (a mail that lies in two mailboxes is one mail). `takes_mail`: `voc mail receive` may bring it raw mails.
    """

    kind: str = ""
    title: str = ""
    options: Options = Options()
    signature: Signature | None = None
    identity: Literal["channel", "kind"] = "channel"
    takes_mail: bool = False

    def check(self, ctx: Context) -> Health:
        """Say whether the channel could work with these options; called from the worker, may take seconds."""
        return Health("ok")

    def accept(self, ctx: Context, call: HttpCall) -> Accepted | Reply | Refused:
        """Take a pushed delivery, fast and without interpreting it. Capability `ACCEPT`.

        `ctx` has no network, and for a GET its store cannot be written: asking for them raises NotHere.
        """
        raise NotImplementedError(f"channel kind {self.kind!r} accepts nothing")

    def fetch(self, ctx: Context, cursor: Mapping[str, Any] | None) -> Page:
        """Fetch what is new since `cursor` (None the first time), a page at a time. Capability `FETCH`.

        At most 500 items and 64,000,000 bytes a page, and 90 seconds a call. Items and cursor of one page are committed
        before the next one is asked for, also with `more`. Raise TryLater when the source cannot now, Misconfigured
        when a person has to do something.
        """
        raise NotImplementedError(f"channel kind {self.kind!r} fetches nothing")

    def form(self, view: View) -> Form:
        """Return the public form; called when the configuration changes, the result is stored. Capability `FORM`."""
        raise NotImplementedError(f"channel kind {self.kind!r} declares no form")

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """Say what is in `raw`: pure, replayable, the same identities every time.

        Yield at least one item; nothing at all counts as *could not be read* and goes to quarantine, as does any
        exception: its text is shown to the operator as the reason.
        """
        raise NotImplementedError(f"channel kind {self.kind!r} reads nothing")

    def send(self, ctx: Context, message: Outbound) -> Sent:
        """Answer the customer in this channel. Capability `SEND`.

        Called again with the same `message_id` after a failure whose outcome is not known; different messages may be
        sent at the same time, one message never twice at once. Raise TryLater,
        Undeliverable or Misconfigured; any other exception counts as an unknown outcome and is tried again.
        """
        raise NotImplementedError(f"channel kind {self.kind!r} sends nothing")

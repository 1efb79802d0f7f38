"""Contexts for channels made by hand: a real HTTP session, a store and a clock, and no host."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import requests

from voc.plugin import Context, Mail
from voc.process.parsing.markup import text_of_html

AT = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


class DictStore:
    """The channel's own store, in a dict; holds what JSON can hold and no more than the host takes."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, name: str) -> Any:
        return json.loads(self.values[name]) if name in self.values else None

    def set(self, name: str, value: Any) -> None:
        self.values.pop(name, None)
        if value is not None:
            self.values[name] = json.dumps(value)
        assert sum(map(len, self.values.values())) <= 10_000


class PlainParsers:
    """The host's reader of HTML, without the child that it runs in."""

    def mail(self, body: bytes) -> Mail:
        raise NotImplementedError

    def text_of_html(self, html: str) -> str:
        return text_of_html(html)


class Desk:
    """One channel's surroundings; `ctx()` gives a context with these options, `now` can be moved."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.store = DictStore()
        self.now = AT
        self.http = requests.Session()

    def ctx(self, **options: Any) -> Context:
        """A context as the host would make it."""
        return Context(
            options={**self.options, **options},
            parsers=PlainParsers(),
            http=self.http,
            now=lambda: self.now,
            store=self.store,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()

"""The addresses of pages, as cheap to declare as they are to find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule that compiles the code for building its address when one is built first.

    Werkzeug compiles two functions for each rule at once: with a hundred pages a thirtieth of the time of a start,
    and most of them are never asked. Should Werkzeug stop calling this method, only the time is lost.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compiled(append_unknown))
            return made[0](rule, **values)

        return build

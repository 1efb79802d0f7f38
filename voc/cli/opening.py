"""Opening the instance for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from voc.core import logs
from voc.core.settings import Settings, load

if TYPE_CHECKING:
    from voc.runtime import Runtime


def settings(**overrides: Any) -> Settings:
    """The settings that apply, with logging configured for a command: warnings and worse."""
    found = load(**overrides)
    logs.configure(level="warning", style=found.log_format)
    return found


@contextmanager
def opened(*, with_plugins: bool = True) -> Iterator[Runtime]:
    """The runtime over the instance named by the settings; closed at the end."""
    from voc.runtime.instance import open_instance

    runtime = open_instance(settings(), create=False, with_plugins=with_plugins)
    try:
        yield runtime
    finally:
        runtime.close()

"""`voc.wsgi:application`: for any WSGI server behind a proxy, over an instance that `voc serve` has set up."""

from __future__ import annotations

from voc.core import logs
from voc.core.settings import load
from voc.runtime.instance import open_instance

_settings = load()
logs.configure(level=_settings.log_level, style=_settings.log_format)


def _application() -> object:
    from voc.app.factory import create_app

    return create_app(open_instance(_settings, create=False))


application = _application()

"""What every offer of a plugin that is no channel has in common: a name, words for people, and what may vary."""

from __future__ import annotations

from voc.plugin.options import Options


class Offer:
    """Something a plugin offers under a `name`, which plugin.toml declares and which is unique among all plugins.

    `title` is for people; plugin.toml says it in other languages. Calls are made in the worker, on a capped pool, or in
    the plugin's own process; they may take seconds unless their docstring says otherwise. The `ctx` of a call holds the
    plugin's settings (`voc_settings`) as options, guarded ways out, a log, a clock, and the plugin's own small store.
    """

    name: str = ""
    title: str = ""
    options: Options = Options()

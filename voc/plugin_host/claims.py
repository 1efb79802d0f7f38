"""Which of several plugins has a name, a channel kind or another offer: the first in order that is wanted.

It is decided from plugin.toml before any of them is loaded, so that every process comes to the same end however long
each takes to load, and the next one comes in when the first goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from voc.core.errors import Invalid
from voc.plugin_host.manifest import Manifest, read_manifest
from voc.plugin_host.offers import KINDS
from voc.plugin_host.sources import Candidate


def seconds(found: Iterable[Candidate], wanted: Callable[[Candidate], bool]) -> dict[str, str]:
    """Why, by name, a plugin must wait for another: something it declares belongs to an earlier one that is wanted. One
    that waits has nothing itself. A plugin whose plugin.toml cannot be read declares nothing."""
    owners: dict[str, str] = {}
    waiting: dict[str, str] = {}
    for candidate in found:
        if not wanted(candidate):
            continue
        declared = list(_declared(candidate))
        taken = next((what for what in declared if owners.get(what, candidate.name) != candidate.name), None)
        if taken is not None:
            waiting[candidate.name] = belongs(taken, owners[taken])
        else:
            owners.update(dict.fromkeys(declared, candidate.name))
    return waiting


def belongs(what: str, owner: str) -> str:
    """What is said of something that another plugin has."""
    return f"{what} belongs to plugin {owner} already"


def kind_word(kind: str) -> str:
    """How a channel kind is called in that sentence."""
    return f"channel kind {kind!r}"


def offer_word(key: str, word: str) -> str:
    """How another offer is called in it."""
    return f"{KINDS[key].word} {word!r}"


def _declared(candidate: Candidate) -> Iterator[str]:
    try:
        manifest: Manifest = read_manifest(candidate.manifest)
    except Invalid:
        return
    yield from (kind_word(kind) for kind in manifest.kinds)
    yield from (offer_word(key, word) for key, words in manifest.offers.items() for word in words)
    yield f"the name {manifest.name!r}"

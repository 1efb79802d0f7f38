"""What somebody asks a list of feedback for: words typed, and filters. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from voc.search.facets import Filters
from voc.search.syntax import LONGEST, Query, parse


@dataclass(frozen=True)
class Asked:
    """`typed` is what stands in the search box, whatever it is."""

    typed: str = ""
    filters: Filters = field(default_factory=Filters)

    @cached_property
    def query(self) -> Query:
        """The question in it."""
        return parse(self.typed)

    @property
    def plain(self) -> bool:
        """Whether the list can be read as it lies, without the index."""
        return not self.typed.strip() and not self.filters.beyond_stance

    @property
    def hopeless(self) -> bool:
        """Whether something was typed and no word of it is looked for: punctuation, or only what is unwanted."""
        return bool(self.typed.strip()) and self.query.empty

    @property
    def name(self) -> str:
        """What the keys of the list's pages belong to. The moments of a period move on while somebody reads: they
        are left out, and the order is the same with any."""
        filters = self.filters
        if self.plain:
            return f"feedback {filters.stance}" if filters.stance else "feedback"
        parts = (filters.stance, filters.channel_id, filters.language, filters.timed, self.typed[:LONGEST])
        return f"feedback found {' '.join(map(str, parts))}"

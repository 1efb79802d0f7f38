"""Which team a feedback belongs to by its topics. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID


def team_for(analysis: Mapping[str, Any] | None, teams: Mapping[str, UUID], default_team_id: UUID) -> UUID:
    """The team of the first topic that is spoken of badly, else of the first topic, else the default team.

    A topic that has no team goes to that of the nearest topic above it.

    `analysis` is the stored JSON, None without text.
    """
    opinions = analysis["opinions"] if analysis else ()
    for opinion in [*(o for o in opinions if o["label"] == "negative"), *opinions]:
        for topic in (opinion["topic"], *opinion.get("above", ())):
            if topic in teams:
                return teams[topic]
    return default_team_id

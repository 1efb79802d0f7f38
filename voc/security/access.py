"""Who may do what: the whole table, and the one check."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from voc.core.errors import Forbidden
from voc.core.vocabulary import RoleName

_AGENT = frozenset(
    {
        "case.view",
        "case.answer",
        "case.note",
        "case.assign",
        "case.resolve",
        "case.correct",
        "case.judge",
        "feedback.view",
        "insights.view",
        "customer.view",
        "customer.edit",
        "channel.view",
        "survey.view",
        "status.view",
    }
)
_MANAGER = _AGENT | {
    "rule.edit",
    "customer.identify",
    "survey.invite",
    "case.waive",
    "topic.edit",
    "quarantine.replay",
    "channel.address",
    "user.view",
}
_ADMIN = _MANAGER | {"user.edit", "token.edit", "channel.edit", "hook.edit", "plugin.edit"}

PERMISSIONS: dict[RoleName, frozenset[str]] = {
    RoleName.AGENT: _AGENT,
    RoleName.MANAGER: frozenset(_MANAGER),
    RoleName.ADMIN: frozenset(_ADMIN),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with a role and teams, or the system (`user_id` None)."""

    user_id: UUID | None
    role: RoleName
    team_ids: frozenset[UUID]
    name: str

    def may(self, permission: str) -> bool:
        """Whether the role allows it."""
        return permission in PERMISSIONS[self.role]


SYSTEM = Actor(user_id=None, role=RoleName.ADMIN, team_ids=frozenset(), name="voc")


def require(actor: Actor, permission: str) -> None:
    """Raise Forbidden unless `actor` may do `permission`; an unknown permission is a fault and raises ValueError."""
    if permission not in _ADMIN:
        raise ValueError(f"no such permission: {permission}")
    if not actor.may(permission):
        raise Forbidden

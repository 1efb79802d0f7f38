"""Examples for the OpenAPI document; a test holds each of them to its schema."""

from __future__ import annotations

from typing import Any

FEEDBACK_IN: dict[str, Any] = {
    "text": {"summary": "A text", "value": {"text": "El pedido llegó tarde y nadie contesta."}},
    "score": {"summary": "A score", "value": {"metric": "nps", "score": 3}},
    "full": {
        "summary": "Everything",
        "value": {
            "text": "O produto chegou quebrado.",
            "metric": "csat",
            "score": 1,
            "customer": {"external_id": "C-10442", "email": "joao@example.com", "name": "João"},
            "language": "pt-BR",
            "sent_at": "2026-03-01T14:30:00-03:00",
            "unit": "São Paulo",
            "facts": {"order": "A-7731", "items": 3, "express": True},
            "consent": True,
        },
    },
}

STORED: dict[str, Any] = {
    "id": "019ca9a5-6b3e-7001-8b1e-3f0d6c1a2b3c",
    "tracking_code": "K7M2QX94TR",
    "received_at": "2026-03-01T17:30:02.114027+00:00",
}

FEEDBACK: dict[str, Any] = {
    "id": STORED["id"],
    "text": "O produto chegou quebrado.",
    "language": "pt",
    "metric": "csat",
    "score": 1,
    "received_at": STORED["received_at"],
    "channel_kind": "api",
    "channel_name": "shop",
    "author_name": "João",
    "unit": "São Paulo",
    "stance": "detractor",
    "mixed": False,
    "policy": "default-3",
    "reasons": [{"kind": "score", "metric": "csat", "score": 1}],
    "corrected_by": None,
    "label": "unknown",
    "probability": None,
    "analyzer": "voc",
    "analyzer_version": "1",
    "analysis": None,
    "obligation_id": "019ca9a5-6c10-7000-9d02-5c7f3f1f0a11",
    "obligation_state": "open",
    "obligation_due_at": "2026-03-02T17:30:00+00:00",
    "case_id": "019ca9a5-6c10-7001-a1b3-0e4d5d2c9b77",
}

CORRECTION_IN: dict[str, Any] = {
    "stance": {"summary": "Unhappy after all", "value": {"by": "patricia@aurora.example", "stance": "detractor"}},
    "full": {
        "summary": "Everything",
        "value": {
            "by": "patricia@aurora.example",
            "stance": "passive",
            "label": "neutral",
            "topics": ["delivery", "staff"],
        },
    },
}

_NEXT = "AAZMXoYl6bIBnKmla0BwAYse"

FEEDBACK_PAGE: dict[str, Any] = {
    "items": [FEEDBACK],
    "next": f"/api/v1/feedback?limit=1&after={_NEXT}",
    "found_by": "words",
}

_CASE: dict[str, Any] = {
    "id": FEEDBACK["case_id"],
    "number": 2041,
    "state": "open",
    "priority": "high",
    "who": "João",
    "language": "pt",
    "opened_at": "2026-03-01T17:30:03.002000+00:00",
    "escalated_at": None,
    "resolved_at": None,
    "owner_id": None,
    "owner_name": None,
    "team_name": "Atendimento ao cliente",
}

CASE_PAGE: dict[str, Any] = {
    "items": [
        {
            **_CASE,
            "stance": "detractor",
            "mixed": False,
            "metric": "csat",
            "score": 1,
            "voice": "O produto chegou quebrado.",
            "topics": [{"key": "product_quality", "label": "negative"}],
            "channel_kind": "api",
            "due_at": "2026-03-02T17:30:00+00:00",
            "due_kind": "first_response",
            "feedback_count": 1,
        }
    ],
    "next": f"/api/v1/cases?queue=open&limit=1&after={_NEXT}",
}

CASE: dict[str, Any] = {
    **_CASE,
    "version": 1,
    "email": "joao@example.com",
    "phone": None,
    "customer_id": "019ca9a5-6c0f-7000-8a44-91d0b7e3c5f2",
    "team_id": "019ca9a0-0000-7000-8000-000000000001",
    "first_answered_at": None,
    "escalated_to": None,
    "clocks": [
        {"kind": "first_response", "due_at": "2026-03-02T17:30:00+00:00", "met_at": None},
        {"kind": "resolution", "due_at": "2026-03-06T17:30:00+00:00", "met_at": None},
    ],
    "zone": "America/Lima",
    "reply_via": "email",
    "feedback": [FEEDBACK],
    "messages": [],
    "notes": [],
    "happened": [{"at": _CASE["opened_at"], "kind": "opened", "actor_name": None, "data": {}}],
}

CUSTOMER: dict[str, Any] = {
    "id": CASE["customer_id"],
    "version": 1,
    "name": "João",
    "language": "pt",
    "preferred_channel": None,
    "segment": None,
    "value": None,
    "created_at": STORED["received_at"],
    "heard_at": STORED["received_at"],
    "consent_at": None,
    "identities": [
        {
            "kind": "external_id",
            "value": "C-10442",
            "source": "channel",
            "verified_by": None,
            "created_at": STORED["received_at"],
        }
    ],
    "open_case": {
        "id": _CASE["id"],
        "number": _CASE["number"],
        "opened_at": _CASE["opened_at"],
        "next_due_at": "2026-03-02T17:30:00+00:00",
    },
}

CUSTOMER_PAGE: dict[str, Any] = {"items": [CUSTOMER], "next": None}

_CHANNEL: dict[str, Any] = {
    "id": "019ca9a0-1111-7000-8000-000000000002",
    "slug": "ayuda",
    "name": "Ayuda",
    "kind": "email",
    "active": True,
    "loaded": True,
    "health": "failing",
    "health_text": "the server does not take the password",
    "failures": 4,
    "late": False,
    "fetched_at": "2026-03-01T16:02:11.000000+00:00",
    "arrived_at": "2026-03-01T15:58:40.000000+00:00",
    "tested_at": None,
    "tested_health": None,
    "tested_text": None,
    "quarantined": 0,
}

CHANNEL_PAGE: dict[str, Any] = {"items": [_CHANNEL], "next": None}

CHANNEL: dict[str, Any] = {**_CHANNEL, "options": {"imap_host": "imap.example.com", "imap_user": "ayuda@example.com"}}

_RULE: dict[str, Any] = {
    "name": "Fraud at once",
    "condition": '"fraud" in risks',
    "actions": {"open_case": True, "start_clock": True, "priority": "urgent", "tags": ["fraud"]},
    "stops": False,
}

RULE_IN: dict[str, Any] = {
    "least": {
        "summary": "The least",
        "value": {"name": "Tag praise", "condition": "score >= 9", "actions": {"tags": ["praise"]}},
    },
    "full": {"summary": "Everything", "value": {**_RULE, "active": True}},
}

RULE_CHANGE: dict[str, Any] = {"full": {"summary": "The next version", "value": {**_RULE, "version": 1}}}

RULE: dict[str, Any] = {
    **_RULE,
    "id": "019ca9a0-2222-7000-8000-000000000003",
    "version": 1,
    "active": True,
    "shipped": None,
    "author_name": None,
    "created_at": "2026-03-01T18:00:00.000000+00:00",
}

RULE_SAVED: dict[str, Any] = {**RULE, "warnings": []}

RULE_PAGE: dict[str, Any] = {"items": [RULE], "next": None}

_TOPIC: dict[str, Any] = {
    "names": {"es": "Cierres", "pt": "Zíperes", "en": "Zippers"},
    "words": {"es": ["cierre", "cremallera*"], "pt": ["zíper*"], "en": ["zipper*"]},
    "examples": {"es": ["La corredera se salió al segundo día."], "pt": [], "en": []},
    "parent_key": "product_quality",
}

TOPIC_IN: dict[str, Any] = {
    "least": {"summary": "The least", "value": {"key": "zippers", "names": _TOPIC["names"]}},
    "full": {"summary": "Everything", "value": {"key": "zippers", **_TOPIC, "active": True}},
}

TOPIC_CHANGE: dict[str, Any] = {"full": {"summary": "The next version", "value": {**_TOPIC, "version": 1}}}

TOPIC: dict[str, Any] = {
    "key": "zippers",
    "version": 1,
    **_TOPIC,
    "active": True,
    "updated_at": "2026-03-01T18:00:00.000000+00:00",
}

TOPIC_PAGE: dict[str, Any] = {"items": [TOPIC], "next": None}

TOPIC_VERSIONS: dict[str, Any] = {
    "items": [
        {
            "version": 1,
            **_TOPIC,
            "active": True,
            "author_name": "Patricia",
            "created_at": "2026-03-01T18:00:00.000000+00:00",
        }
    ],
    "next": None,
}

RUN_IN: dict[str, Any] = {
    "topics": {"summary": "Only the topics", "value": {"topics_only": True}},
    "since": {"summary": "Everything since a day", "value": {"since": "2026-01-01T00:00:00Z"}},
}

RUN_CHANGE: dict[str, Any] = {"stop": {"summary": "Stop it", "value": {"stopped": True}}}

RUN: dict[str, Any] = {
    "id": "019ca9a0-2222-7000-8000-000000000009",
    "topics_only": True,
    "since": None,
    "state": "running",
    "total": 1200,
    "seen": 350,
    "changed": 41,
    "asked_at": "2026-03-01T18:00:00.000000+00:00",
    "finished_at": None,
}

RUN_PAGE: dict[str, Any] = {"items": [RUN], "next": None}

EMERGING: dict[str, Any] = {
    "day": "2026-03-04",
    "counted_at": "2026-03-04T15:03:00+00:00",
    "tested": 412,
    "items": [
        {
            "language": "es",
            "phrases": ["cobro doble", "doble", "cobro"],
            "days": 7,
            "n": 14,
            "expected": 0.9,
            "chance": 1.2e-11,
            "level": 2.4e-9,
            "people": 15,
            "unhappy": 13,
            "doors": [{"channel_id": "019ca9a5-6c0f-7000-8a44-91d0b7e3c5f3", "people": 15}],
            "feedback": ["019ca9a5-6c0f-7000-8a44-91d0b7e3c5f1"],
        }
    ],
}

"""Where a stance comes from, in sentences: score, text, policy, analyzer, and who corrected what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc.cases.views import FeedbackView
from voc.core.vocabulary import Stance
from voc.web.account.texts import translated as _
from voc.web.i18n import metric_text, stance_word
from voc.web.triage.queries import PERSON, Reading
from voc.web.triage.words import label_word, language_word


def decided(view: FeedbackView, machine: Reading | None, names: Mapping[str, str]) -> list[str]:
    """The sentences below the numbered reasons, in the order in which they matter.

    `machine` is what was read before a person corrected it, `names` are those of the topics.
    """
    lines = [_stance_line(view)]
    if any(reason.get("kind") == "mixed" for reason in view.reasons):
        lines.append(_("Score and text contradict each other: the worse of the two counts."))
    if view.text:
        lines.append(_text_line(view))
    if machine is not None:
        lines.append(_before_line(machine, names))
    return [line for line in lines if line]


def _stance_line(view: FeedbackView) -> str:
    """Which fact made the stance, or who said so and what it was before."""
    if view.stance is None:
        return _("This is being read just now.")
    stance = stance_word(view.stance)
    person = next((reason for reason in view.reasons if reason.get("kind") == PERSON), None)
    if person is not None:
        return _(
            "%(stance)s, as %(name)s says. Before that: %(before)s.",
            stance=stance,
            name=view.corrected_by or "voc",
            before=stance_word(person.get("before")),
        )
    because = dict.fromkeys(words for reason in view.reasons if (words := _because(reason, view.stance)))
    if not because:
        return _("Neither a score nor the text says where this customer stands: %(stance)s.", stance=stance)
    return _(
        "%(stance)s because of %(because)s (policy %(policy)s).",
        stance=stance,
        because=", ".join(because),
        policy=view.policy,
    )


def _because(reason: dict[str, Any], stance: Stance) -> str | None:
    """One reason of the policy in words when it speaks for this stance."""
    kind = reason.get("kind")
    if kind == "risk":
        return _("a word of danger")
    if reason.get("stance") != stance.value:
        return None
    if kind == "score":
        return metric_text(reason["metric"], reason["score"])
    return _("the text") if kind == "text" and stance is not Stance.UNKNOWN else None


def _text_line(view: FeedbackView) -> str:
    """Who read the text, in which language; without an analyzer it is unknown, and says so."""
    found = view.analysis or {}
    tongue = language_word(found.get("language"))
    if view.analyzer == PERSON:
        return _(
            "%(name)s corrected what was read: the text is %(label)s.",
            name=view.corrected_by or "voc",
            label=label_word(view.label),
        )
    name, version = found.get("analyzer"), found.get("version")
    if name:
        return _("Read as %(language)s by %(name)s, version %(version)s.", language=tongue, name=name, version=version)
    if found.get("language") is None:
        return _("The language could not be told, so the text was not judged: not determined, never neutral.")
    return _("There is no analyzer for %(language)s yet: not determined, never neutral.", language=tongue)


def _before_line(machine: Reading, names: Mapping[str, str]) -> str:
    """What the machine had made of the text; it stays on record beside the correction."""
    topics = ", ".join(names.get(key, key) for key in machine.topics) or _("no topic")
    return _("The machine said: %(label)s; %(topics)s.", label=label_word(machine.label), topics=topics)

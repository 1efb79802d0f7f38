"""What a plugin says, in the reader's language: the tables `texts.<language>.sentences` of plugin.toml. Pure.

A plugin says a fixed sentence with what varies in it, in its own language: `the folder Spam is gone`. Its table has
the sentence with names in braces, `the folder {name} is gone`, and how it is said elsewhere, `la carpeta {name} ya no
está`. What no table knows stays as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Sentences inside sentences that are looked for: `reading: the mailbox is closed: 550 …`.
DEEPEST = 4
MOST_NAMES = 8
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as the plugin says it, and as it is said in one language; `literals` stand around `names`."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    said: str

    @classmethod
    def of(cls, pattern: str, said: str) -> Sentence:
        """Raises ValueError when it could not be recognized, or says what the pattern does not name."""
        parts = _NAME.split(pattern)
        literals, names = tuple(parts[::2]), tuple(parts[1::2])
        if not "".join(literals).strip() or not said.strip():
            raise ValueError(f"the sentence {pattern!r} and what it means need words")
        if any(not between for between in literals[1:-1]):
            raise ValueError(f"two names stand side by side in the sentence {pattern!r}")
        if len(set(names)) != len(names) or len(names) > MOST_NAMES:
            raise ValueError(f"the sentence {pattern!r} must name up to {MOST_NAMES} things, each once")
        if unknown := set(_NAME.findall(said)) - set(names):
            raise ValueError(f"the sentence {pattern!r} does not name {', '.join(sorted(unknown))}")
        return cls(literals, names, said)

    def fit(self, text: str) -> dict[str, str] | None:
        """What the names stand for in `text`, None when it is another sentence. In time linear in the text."""
        first, last = self.literals[0], self.literals[-1]
        if not self.names:
            return {} if text == first else None
        if not text.startswith(first) or not text.endswith(last):
            return None
        at, end, found = len(first), len(text) - len(last), []
        for literal in self.literals[1:-1]:
            # What a name stands for has at least one character.
            place = text.find(literal, at + 1, end)
            if place < 0:
                return None
            found.append(text[at:place])
            at = place + len(literal)
        if at >= end:
            return None
        return dict(zip(self.names, [*found, text[at:end]], strict=True))


def sentences_of(table: Mapping[str, str]) -> tuple[Sentence, ...]:
    """The sentences of a table in its order, in which they are tried; raises ValueError for one that is no sentence."""
    return tuple(Sentence.of(pattern, said) for pattern, said in table.items())


def reworded(text: str, tables: Iterable[Sequence[Sentence]], depth: int = DEEPEST) -> str:
    """`text` as the first sentence that fits says it, and so what its names stand for; itself when none fits."""
    known = tuple(tables)
    for table in known:
        for sentence in table:
            found = sentence.fit(text)
            if found is not None:
                inner = {name: reworded(value, known, depth - 1) if depth else value for name, value in found.items()}
                return _NAME.sub(lambda name, inner=inner: inner.get(name[1], name[0]), sentence.said)  # type: ignore[misc]
    return text

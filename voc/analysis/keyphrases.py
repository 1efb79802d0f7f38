"""Keyphrases: what a text is about in one to three words of its own, folded, without anything that points to a person.

A phrase is a run of words without punctuation between them that neither begins nor ends with a stop word of its
language. Left out: words with digits, @handles, addresses of the web and of mail, the author's own name. Linear in the
text; only its beginning is looked at.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from voc.analysis.folding import Folded, Token, fold, tokens
from voc.analysis.personal.known import known_values
from voc.core import personal as traces

# Rises whenever the same text gives other phrases: everything is then counted again.
MADE = 1
LONGEST = 3
MOST_LETTERS = 4000
MOST_PHRASES = 150
# Letters of a word: shorter ones say little, longer ones are no words.
SHORT, LONG = 3, 24

_WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLES = re.compile(r"@\w[\w.@-]*")


def keyphrases(text: str, language: str, *, name: str | None = None) -> list[str]:
    """The phrases of a text, each once, in alphabetical order, at most MOST_PHRASES; none in a language without stop
    words. `name` is the author's, as far as it is known."""
    stops = stop_words().get(language)
    if stops is None:
        return []
    text = text[:MOST_LETTERS]
    found: dict[str, None] = {}
    for run in _runs(text, name):
        for phrase in _phrases(run, stops):
            found[phrase] = None
        if len(found) >= MOST_PHRASES:
            break
    return sorted(list(found)[:MOST_PHRASES])


@cache
def stop_words() -> dict[str, frozenset[str]]:
    """The words, by language, that no phrase begins or ends with."""
    lists = tomllib.loads((files("voc.analysis") / "keyphrases.toml").read_text(encoding="utf-8"))
    return {language: frozenset(words.split()) for language, words in lists.items()}


def _runs(text: str, name: str | None) -> Iterator[list[str]]:
    """Words that stand beside each other; what must not be repeated breaks the run, as punctuation does."""
    folded = fold(text)
    hidden = _hidden(text, name)
    run: list[str] = []
    for token in tokens(folded):
        if token.breaks or "\n" in token.gap:
            yield run
            run = []
        if _covered(folded, token, hidden) or len(token.word) > LONG or not token.word.isalpha():
            yield run
            run = []
        else:
            run.append(token.word)
    yield run


def _hidden(text: str, name: str | None) -> list[tuple[int, int]]:
    """Spans of the text that point to somebody or somewhere."""
    spans = [match.span() for pattern in (_WEB, _HANDLES) for match in pattern.finditer(text)]
    if "@" in text:
        spans += traces.emails(text)
    if name:
        spans += known_values(text, [name], in_parts=True)
    return spans


def _covered(folded: Folded, token: Token, hidden: Sequence[tuple[int, int]]) -> bool:
    if not hidden:
        return False
    start, end = folded.span(token.start, token.end)
    return any(start < until and end > since for since, until in hidden)


def _phrases(run: Sequence[str], stops: frozenset[str]) -> Iterator[str]:
    telling = [len(word) >= SHORT and word not in stops for word in run]
    for first, tells in enumerate(telling):
        if not tells:
            continue
        for last in range(first, min(first + LONGEST, len(run))):
            if telling[last]:
                yield " ".join(run[first : last + 1])

"""What the linear heads see of a text: numbers that stand for words, parts of words, pairs and marks.

A feature is the CRC-32 of a short string, cut to the size of the weight table (hashing trick, Weinberger et al. 2009).
Everything about one word depends on the word alone and on whether it stands in the scope of a negation, so that a head
can remember the sum of its weights by word; only pairs, marks and phrases are looked up as the text comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from voc.analysis.folding import Token

BITS = 18
SIZE = 1 << BITS
MASK = SIZE - 1
LONGEST = 24  # letters of a word that are looked at
PREFIX = 5
GRAM = 4

_REPEATED = re.compile(r"(.)\1{2,}")
_CHUNK = re.compile(r"\S+")
_MARK = re.compile(r"[!?]+|\.\.+|…|[:;=]'?-?[()DPp|/\\]|<3|[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]")


def encoded(name: str) -> bytes:
    """A name as bytes; half a pair of surrogates is one, too."""
    return name.encode("utf-8", "surrogatepass")


def number(name: str) -> int:
    """The place of a feature in a weight table."""
    return crc32(encoded(name)) & MASK


def seen_place(word: str, bits: int) -> int:
    """The bit that says whether training has seen a word."""
    return crc32(b"=" + encoded(word)) % bits


def squeezed(word: str) -> str:
    """A word whose letters were drawn out, written once: ``buenisimoooo`` is ``buenisimo``."""
    return _REPEATED.sub(r"\1", word[:LONGEST]) if len(word) > 3 else word


def doubled(word: str) -> str:
    """The same with the letters that were drawn out written twice: ``goooood`` is ``good``."""
    return _REPEATED.sub(r"\1\1", word[:LONGEST])


def word_names(word: str, negated: bool) -> tuple[str, ...]:
    """The word itself and how it begins, marked when a negation reaches it."""
    sign = "¬" if negated else ""
    names = [sign + word]
    if len(word) > PREFIX and word[0].isalpha():
        names.append(f"{sign}^{word[:PREFIX]}")
    return tuple(names)


def gram_names(word: str) -> tuple[str, ...]:
    """The letters of a word in fours, its two ends marked."""
    if len(word) < GRAM or word.isdigit():
        return ()
    marked = f"<{word}>"
    return tuple("#" + marked[place : place + GRAM] for place in range(len(marked) - GRAM + 1))


def pair_name(before: str, word: str) -> str:
    """Two words that follow each other."""
    return before + " " + word


def pair_halves(word: str) -> tuple[int, bytes]:
    """What a word gives to the number of its pairs as first and as second word: ``crc32(second, first) & MASK``."""
    return crc32(encoded(word) + b" "), encoded(word)


def marks(gap: str) -> list[str]:
    """Exclamations, questions, dots, faces and pictures between two words; runs count once, at most six."""
    if len(gap) < 2 or gap in (", ", ". ", "  "):
        return []
    return [mark[:2] if mark[0] in "!?." else mark for mark in _MARK.findall(gap[:200])][:6]


@dataclass(frozen=True, slots=True)
class Scopes:
    """The small words of one language: those that deny, strengthen, weaken, and those at which a denial ends."""

    negators: frozenset[str]
    intensifiers: frozenset[str]
    diminishers: frozenset[str]
    ends: frozenset[str]


REACH = 4  # words that a negation reaches


def reached(words: Sequence[Token], scopes: Scopes) -> list[bool]:
    """For each word whether a negation before it, at most four words away and unbroken by punctuation, reaches it."""
    found: list[bool] = []
    left = 0
    for token in words:
        word = token.word
        if left and (token.breaks or word in scopes.ends):
            left = 0
        found.append(left > 0)
        if word in scopes.negators or word.endswith("n't"):
            left = REACH
        elif left:
            left -= 1
    return found


TURNS = frozenset({"pero", "mas", "porem", "contudo", "todavia", "but", "however"})
FADED = 0.5  # what words count that stand before a turn in their sentence: the end of it decides
_ENDS = frozenset(".!?\n…")


def turns(word: str, language: str) -> bool:
    """Whether a word may turn what was said before it ("mas" only where it is Portuguese)."""
    return word in TURNS and (word != "mas" or language == "pt")


def shares(words: Sequence[Token], language: str) -> list[float]:
    """What each word counts: half when "but" follows in its sentence."""
    found = [1.0] * len(words)
    first = 0
    for index, token in enumerate(words):
        if token.breaks and not _ENDS.isdisjoint(token.gap):
            first = index
        if turns(token.word, language):
            found[first:index] = [FADED] * (index - first)
    return found


def pattern(plus: bool, minus: bool, asks: bool) -> str:
    """Which values stand in the text, and whether it ends as a question."""
    return f"pol{'+' if plus else ''}{'-' if minus else ''}{'?' if asks else ''}"


def bucket(valence: int, negated: bool, strength: str) -> str:
    """The feature of a word of the valence lexicon: its value, whether denied, and ``^`` or ``v`` after an adverb."""
    return f"lex{'¬' if negated else ''}{valence:+d}{strength}"


def strength_of(before: str, scopes: Scopes) -> str:
    """``^`` after a strengthening word, ``v`` after a weakening one."""
    if before in scopes.intensifiers:
        return "^"
    return "v" if before in scopes.diminishers else ""


def links(text: str) -> list[tuple[int, int]]:
    """Half-open spans of addresses of the web and of mail, and of handles."""
    if "://" not in text and "@" not in text:
        return []
    chunks = _CHUNK.finditer(text)
    return [chunk.span() for chunk in chunks if "@" in chunk.group() or "://" in chunk.group()]


def shouts(text: str) -> bool:
    """Whether most letters at the beginning of a text are capitals."""
    beginning = text[:400]
    if beginning[_FEW:].islower():
        return False  # capitals only among the first few characters
    letters = "".join(filter(str.isalpha, beginning))
    return len(letters) >= _MANY and sum(map(str.isupper, letters)) > 0.7 * len(letters)


_FEW, _MANY = 5, 8


def size_of(words: int) -> str:
    """How short a text is, in five steps."""
    return "1" if words <= 2 else "2" if words <= 5 else "3" if words <= 15 else "4" if words <= 50 else "5"


def shape_names(text: str, words: int, language: str, values: str) -> tuple[str, ...]:
    """What concerns the text as a whole: its language, how short it is, whether it is shouted, its ``pattern``."""
    size = size_of(words)
    names = [f"lang={language}", f"size={size}", f"size={size}{language}", values, f"{values}size={size}"]
    if shouts(text):
        names.append("shout")
    if text.rstrip().endswith("?"):
        names.append("asks")
    return tuple(names)


def numbers(names: Iterable[str]) -> tuple[int, ...]:
    """Places of several features."""
    return tuple(number(name) for name in names)

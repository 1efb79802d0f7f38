"""What the language head sees of a word: the word as it was written, and its letters by one to four."""

from __future__ import annotations

import re
from itertools import pairwise

from voc.analysis.linear.features import number

LONGEST = 20
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CHUNK = re.compile(r"\S+")


def written_words(text: str) -> list[str]:
    """Words in lower case with their accents; addresses, handles, links and words with digits are left out."""
    kept = " ".join(chunk for chunk in _CHUNK.findall(text) if not _foreign(chunk))
    return [word.replace("’", "'") for word in _WORD.findall(kept.lower()) if len(word) <= 30]


def _foreign(chunk: str) -> bool:
    """Whether a chunk is an address, a handle, a hashtag or a link: no word of any language."""
    return "@" in chunk or "://" in chunk or chunk.startswith(("www.", "#")) or chunk in ("http", "https")


def letter_names(word: str) -> tuple[str, ...]:
    """Features of one word: the word, and every run of one to four letters with its ends marked."""
    marked = f" {word[:LONGEST]} "
    names = ["l " + word] if len(word) <= LONGEST else []
    for size in (1, 2, 3, 4):
        names += [f"l{size}" + marked[place : place + size] for place in range(len(marked) - size + 1)]
    return tuple(dict.fromkeys(names))


def letter_places(word: str) -> tuple[int, ...]:
    """Places of the features of one word in the weight table."""
    return tuple(number(name) for name in letter_names(word))


def pair_place(one: str, other: str) -> int:
    """Place of two words that follow each other."""
    return number(f"lp{one} {other}")


def text_places(words: list[str]) -> list[int]:
    """Places of all features of a text: of its words and of the pairs of words; repeated ones count again."""
    places: list[int] = []
    for word in words:
        places += letter_places(word)
    return places + [pair_place(one, other) for one, other in pairwise(words)]

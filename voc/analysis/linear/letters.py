"""What the language head sees of a word: the word as it was written, and its letters by one to four."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from zlib import crc32

from voc.analysis.linear.features import encoded, number

LONGEST = 20
LONGEST_WORD = 30
# A word has a dozen runs of letters: it and its neighbor must not be drowned by them. Chosen by leaving sources out.
WHOLE_TIMES = 4
PAIR_TIMES = 2
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PARTS = re.compile(f"({_WORD.pattern})")
_CHUNK = re.compile(r"\S+")
_SIGNS = ("@", "#", "://", "www.", "http")  # what a chunk that is no word may be told by


def written_words(text: str) -> list[str]:
    """Words in lower case with their accents; addresses, handles, links and words with digits are left out."""
    return written(text)[0]


def written(text: str) -> tuple[list[str], list[int] | None]:
    """The same with the ends of words and of what stands between them in turn, as offsets; None where these are
    unknown."""
    if any(sign in text for sign in _SIGNS):
        chunks = [chunk for chunk in _CHUNK.findall(text) if not _foreign(chunk)]
        return _kept(_WORD.findall(" ".join(chunks).lower())), None
    small = text.lower()
    parts = _PARTS.split(small)
    words = parts[1::2]
    kept = _kept(words)
    if len(kept) != len(words) or len(small) != len(text):
        return kept, None
    return kept, list(accumulate(map(len, parts)))


def _kept(words: list[str]) -> list[str]:
    """Words that are not too long, with plain apostrophes."""
    if max(map(len, words), default=0) > LONGEST_WORD:
        words = [word for word in words if len(word) <= LONGEST_WORD]
    return [word.replace("’", "'") if "’" in word else word for word in words]


def _foreign(chunk: str) -> bool:
    """Whether a chunk is an address, a handle, a hashtag or a link: no word of any language."""
    return "@" in chunk or "://" in chunk or chunk.startswith(("www.", "#")) or chunk in ("http", "https")


def letter_runs(word: str) -> list[str]:
    """Every run of one to four letters of a word with its ends marked, each once."""
    marked = f" {word[:LONGEST]} "
    size = len(marked)
    runs = list(marked)
    for length in (2, 3, 4):
        runs += [marked[place : place + length] for place in range(size - length + 1)]
    return list(dict.fromkeys(runs))


def run_name(run: str) -> str:
    """Name of a run of letters as a feature."""
    return f"l{len(run)}{run}"


def whole_name(word: str) -> str | None:
    """Name of a word as a feature; a very long one has none."""
    return "l " + word if len(word) <= LONGEST else None


def word_places(word: str) -> list[tuple[int, int]]:
    """Places of the features of one word in the weight table, and how often each counts."""
    places = [(number(run_name(run)), 1) for run in letter_runs(word)]
    whole = whole_name(word)
    return [*places, (number(whole), WHOLE_TIMES)] if whole else places


def pair_place(one: str, other: str) -> int:
    """Place of two words that follow each other."""
    return number(f"lp{one} {other}")


def pair_halves(word: str) -> tuple[int, bytes]:
    """What a word gives to the place of a pair as its first and as its second word: ``crc32(second, first)``."""
    return crc32(b"lp" + encoded(word)), b" " + encoded(word)


def text_places(words: list[str]) -> list[tuple[int, int]]:
    """Places of all features of a text, and how often each counts: of its words and of the pairs of words."""
    places: list[tuple[int, int]] = []
    for word in words:
        places += word_places(word)
    return places + [(pair_place(one, other), PAIR_TIMES) for one, other in pairwise(words)]

"""Whether two texts say nearly the same in nearly the same words. Pure.

Meaning alone does not tell: a comma moves a short text as far as a "no" does. So the words are looked at too.
"""

from __future__ import annotations

from functools import cache

from voc.core.vocabulary import LANGUAGES
from voc.search.words import words

# The nearer two texts are in meaning, the fewer words must be the same: (cosine from, share of the words from).
STEPS = ((0.98, 0.0), (0.95, 0.6), (0.9, 1.0))
LEAST = STEPS[-1][0]
WORDS = 3  # fewer say too little to be a group of their own: "Todo bien"
_MOST = 200  # words that are looked at


@cache
def _denials() -> frozenset[str]:
    """Single words that deny, in any language; `t` is what is left of "don't"."""
    from voc.analysis.linear.lexicon import lexicon  # nothing of the model before it is used

    known = (word for language in LANGUAGES for word in lexicon(language).scopes.negators)
    return frozenset({"t", *(word for word in known if word.isalpha())})


def said(text: str) -> frozenset[str]:
    """The words of a text, without case and accents; every number is the same one."""
    return frozenset("#" if any(sign.isdigit() for sign in word) else word for word in words(text)[:_MOST])


def nearly_same(one: frozenset[str], other: frozenset[str], closeness: float) -> bool:
    """Whether two texts of these words, so near in meaning, say nearly the same: no denial is in one of them alone."""
    if min(len(one), len(other)) < WORDS or (one ^ other) & _denials():
        return False
    share = len(one & other) / len(one | other)
    return any(closeness >= near and share >= least for near, least in STEPS)

"""What is felt where a topic is spoken of: the clause decides, with the text around it. Pure.

A clause is judged as if it were a text of its own, and of short texts most are neutral. In a text that is glad or
unhappy as a whole, a clause about a topic seldom is: there, what a clause leans to counts more (`LEANING`). What a
neutral text says stays as it was judged.
"""

from __future__ import annotations

from math import exp

from voc.analysis.result import UNKNOWN, Feeling

# How much less likely *neutral* is, in log odds; chosen on one half of the sentences of `bench/opinions.py` and on the
# training part of the corpus, where opinions are marked.
LEANING = 1.5


def felt(clause: Feeling, text: Feeling) -> Feeling:
    """The feeling of a clause in its text; that of the text where the clause alone gives no ground.

    An analyzer that tells no probability of *negative* is taken at its word.
    """
    if clause.label == "unknown":
        return text if text.label in ("negative", "positive") else UNKNOWN
    if clause.label != "neutral" or clause.negative is None or text.label not in ("negative", "positive"):
        return clause
    bad, good = clause.negative, clause.polarity + clause.negative
    calm = max(0.0, 1.0 - bad - good) * exp(-LEANING)
    most = max(bad, good)
    if most <= calm:
        return clause
    total = bad + good + calm
    label, chance = ("negative", bad) if bad >= good else ("positive", good)
    polarity = round((good - bad) / total, 4)
    return Feeling(label, round(chance / total, 4), polarity, round(bad / total, 4))  # type: ignore[arg-type]

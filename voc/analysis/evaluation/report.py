"""The figures of an evaluation with their intervals: by language all texts, each source, and the mean of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from voc.analysis.evaluation import confusion
from voc.analysis.evaluation.confusion import Counts, Figure
from voc.analysis.evaluation.resampling import Interval, averaged, interval, resamples
from voc.analysis.evaluation.tally import Evaluation, Mistake, Tally

Kind = Literal["all", "source", "mean"]

# Figures of the label that have an interval, in the order they are shown.
FIGURES: Mapping[str, Callable[[Counts], Figure]] = {
    "accuracy": confusion.accuracy,
    "macro_f1": confusion.macro_f1,
    "negative_recall": confusion.recall,
    "negative_precision": confusion.precision,
}
# Figures without one.
PLAIN = ("ece", "unknown", "language_accuracy", "topics_micro_f1")


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one set: all are 0 to 1, None where there was nothing to count.

    ``kind`` all: every text of the language (``source`` names it when there is only one); source: those of one; mean:
    the unweighted mean over its sources.
    ``n``: labelled texts, ``texts``: all.
    """

    language: str
    kind: Kind
    source: str
    texts: int
    n: int
    figures: Mapping[str, Figure]
    intervals: Mapping[str, Interval | None]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, figures rounded to four decimals; an interval is ``NAME_low`` and ``NAME_high``."""
        found: dict[str, Any] = {"language": self.language, "kind": self.kind, "source": self.source}
        found |= {"texts": self.texts, "n": self.n}
        for name, value in self.figures.items():
            found[name] = _rounded(value)
            if name in self.intervals:
                low, high = self.intervals[name] or (None, None)
                found |= {f"{name}_low": _rounded(low), f"{name}_high": _rounded(high)}
        return found


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by language, the worst mistakes, and who answered (name and version)."""

    rows: tuple[Row, ...]
    worst: tuple[Mistake, ...]
    analyzers: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``."""
        return {
            "analyzers": list(self.analyzers),
            "rows": [row.to_dict() for row in self.rows],
            "worst": [
                {
                    "text": mistake.example.text,
                    "lang": mistake.example.language,
                    "source": mistake.example.source,
                    "label": mistake.example.label,
                    "answer": mistake.label,
                    "probability": _rounded(mistake.probability),
                }
                for mistake in self.worst
            ],
        }


def _rounded(value: Figure) -> Figure:
    return None if value is None else round(value, 4)


def report(evaluation: Evaluation) -> Report:
    """Everything that was counted, as figures. The same counts give the same report."""
    rows: list[Row] = []
    for language in evaluation.languages():
        sources = list(evaluation.of(language))
        together = Tally()
        for _, tally in sources:
            together.join(tally)
        rows.append(_row(language, "all", sources[0][0] if len(sources) == 1 else "", together))
        if len(sources) > 1:
            rows += [_row(language, "source", source, tally) for source, tally in sources]
            rows.append(_mean(language, rows[-len(sources) :], sources))
    return Report(tuple(rows), tuple(evaluation.worst), tuple(sorted(evaluation.analyzers)))


def _draws(tally: Tally, name: str) -> dict[str, Sequence[Figure]]:
    """Each figure of the label over resampled tables; F1 always over the classes of the real one."""
    tables, classes = resamples(tally.labels, name), confusion.present(tally.labels)
    found: dict[str, Sequence[Figure]] = {key: [figure(table) for table in tables] for key, figure in FIGURES.items()}
    found["macro_f1"] = [confusion.macro_f1(table, classes) for table in tables]
    return found


def _row(language: str, kind: Kind, source: str, tally: Tally) -> Row:
    """The figures of one tally."""
    figures = {name: figure(tally.labels) for name, figure in FIGURES.items()}
    figures |= {
        "ece": tally.calibration.error,
        "unknown": confusion.unknown(tally.labels),
        "language_accuracy": confusion.share(tally.languages_right, tally.texts),
        "topics_micro_f1": tally.topics_f1 if tally.tagged else None,
    }
    n = sum(tally.labels)
    drawn = _draws(tally, f"{language} {source}") if n else {}
    return Row(
        language, kind, source, tally.texts, n, figures, {name: interval(drawn.get(name, ())) for name in FIGURES}
    )


def _mean(language: str, rows: Sequence[Row], sources: Sequence[tuple[str, Tally]]) -> Row:
    """The mean of sources, every one counting the same however many texts it has."""
    figures = {name: _average([row.figures[name] for row in rows]) for name in (*FIGURES, *PLAIN)}
    drawn = [_draws(tally, f"{language} {source}") for source, tally in sources if sum(tally.labels)]
    intervals = {name: interval(averaged([one[name] for one in drawn])) for name in FIGURES}
    return Row(language, "mean", "", sum(row.texts for row in rows), sum(row.n for row in rows), figures, intervals)


def _average(values: Sequence[Figure]) -> Figure:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

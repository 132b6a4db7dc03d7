"""Report on verdicts: shares of faults found and of good photos spared, by kind, source and size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from autocull.judge import CRITERIA, Verdict
from autocull.stats import Proportion
from autocull.train.verdicts.curves import OperatingCurve
from autocull.train.verdicts.judging import UnmeasuredPhoto
from autocull.train.verdicts.labels import FAULT_KINDS, GOOD_KINDS, VerdictSample

ALL = "all"
"""The name of the row over all kinds, or over all sources."""

CRITERIA_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "blur": ("defocus", "motion"),
    "motion": ("defocus", "motion"),
    "closed_eyes": ("eyes",),
    "dark": ("dark",),
    "bright": ("bright",),
    "noise": ("noise",),
    "flare": ("flare",),
    "compression": ("quality",),
}
"""The names of the criteria that name each kind of fault; blur and motion are one answer: soft."""


@dataclass(frozen=True, slots=True)
class VerdictOutcome:
    """The verdict on a labelled photo at one size ("camera", or a long side in px)."""

    photo: VerdictSample
    size: str
    verdict: Verdict

    @property
    def is_named(self) -> bool:
        """Whether a faulty photo is not kept, and one of the reasons names a fault that it has."""
        if self.verdict.answer == "keep":
            return False
        names = {name for kind in self.photo.kinds for name in CRITERIA_OF_KINDS.get(kind, ())}
        codes = {code for each in CRITERIA if each.name in names for code in each.codes}
        return any(reason.code in codes for reason in self.verdict.reasons)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as `autocull evaluate verdicts --json` writes it."""
        return {
            "path": str(self.photo.path),
            "kinds": self.photo.kinds,
            "faulty": self.photo.is_faulty,
            "source": self.photo.source,
            "size": self.size,
            "verdict": self.verdict.answer,
            "reasons": [reason.code for reason in self.verdict.reasons],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCounts:
    """Counts of verdicts on the photos of one kind, from one source, at one size.

    `kind` and `source` are "all" where photos of all are counted; `named` counts the faulty photos that are
    rejected or doubted for their own fault.
    """

    is_faulty: bool
    kind: str
    source: str
    size: str
    n: int
    rejected: int
    doubted: int
    named: int

    @property
    def kept(self) -> int:
        """The number of kept photos."""
        return self.n - self.rejected - self.doubted

    def proportion(self, count: int) -> Proportion:
        """Return one of the counts as a share of the photos."""
        return Proportion(count, self.n)

    def to_json(self) -> dict[str, Any]:
        """Return the counts with shares and intervals."""
        names = ("rejected", "doubted", "kept", *(("named",) if self.is_faulty else ()))
        shares = {name: self.proportion(getattr(self, name)).to_json() for name in names}
        key = {"kind": self.kind, "source": self.source, "size": self.size}
        return {"label": "faulty" if self.is_faulty else "good", **key, "n": self.n, **shares}


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeChanges:
    """How verdicts at one size differ from those on the same photos at the largest size that was measured.

    `to_reject` counts photos that are rejected at this size only, `from_reject` those rejected only at the
    largest; `other` counts changes between keep and doubt.
    """

    size: str
    reference: str
    n: int
    to_reject: int
    from_reject: int
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReport:
    """Result of an evaluation of verdicts; `models` are the versions of the networks."""

    outcomes: Sequence[VerdictOutcome]
    counts: Sequence[VerdictCounts]
    changes: Sequence[SizeChanges]
    unreadable: Sequence[UnmeasuredPhoto]
    models: Mapping[str, str]
    settings: Mapping[str, Any]
    curves: Sequence[OperatingCurve] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return the report as `autocull evaluate verdicts --json` writes it."""
        return {
            "member": "verdicts",
            "n": len({outcome.photo.path for outcome in self.outcomes}),
            "counts": [each.to_json() for each in self.counts],
            "changes": [asdict(each) for each in self.changes],
            "curves": [each.to_json() for each in self.curves],
            "models": self.models,
            "settings": self.settings,
            "unreadable": [{**asdict(each), "path": str(each.path)} for each in self.unreadable],
            "photos": [outcome.to_json() for outcome in self.outcomes],
        }


def count_verdicts(outcomes: Sequence[VerdictOutcome]) -> list[VerdictCounts]:
    """Count the verdicts by size, label, kind and source; "all" comes first in each."""
    counts: list[VerdictCounts] = []
    sizes = list(dict.fromkeys(outcome.size for outcome in outcomes))
    for size in sizes:
        for is_faulty, kinds in ((True, FAULT_KINDS), (False, GOOD_KINDS)):
            chosen = [each for each in outcomes if each.size == size and each.photo.is_faulty == is_faulty]
            for kind in (ALL, *kinds):
                of_kind = [each for each in chosen if kind in (ALL, *each.photo.kinds)]
                counts += _count_by_source(of_kind, is_faulty, kind, size)
    return counts


def _count_by_source(
    outcomes: Sequence[VerdictOutcome], is_faulty: bool, kind: str, size: str
) -> Iterator[VerdictCounts]:
    """Yield the counts of all sources, then of each source, where there are photos."""
    sources = sorted({outcome.photo.source for outcome in outcomes})
    for source in (ALL, *sources) if outcomes else ():
        chosen = [each for each in outcomes if source in (ALL, each.photo.source)]
        answers = [each.verdict.answer for each in chosen]
        yield VerdictCounts(
            is_faulty=is_faulty,
            kind=kind,
            source=source,
            size=size,
            n=len(chosen),
            rejected=answers.count("reject"),
            doubted=answers.count("cannot_tell"),
            named=sum(each.is_named for each in chosen),
        )


def compare_sizes(outcomes: Iterable[VerdictOutcome]) -> list[SizeChanges]:
    """Compare the verdicts of each photo at each size with that at the largest one that was measured."""
    by_size: dict[str, dict[str, VerdictOutcome]] = {}
    for outcome in outcomes:
        by_size.setdefault(outcome.size, {})[str(outcome.photo.path)] = outcome
    if len(by_size) < 2:
        return []
    reference = max(by_size, key=_size_key)
    return [
        _compare(size, reference, by_size) for size in sorted(by_size, key=_size_key) if size != reference
    ]


def _compare(size: str, reference: str, by_size: Mapping[str, Mapping[str, VerdictOutcome]]) -> SizeChanges:
    pairs = [
        (outcome.verdict.answer, by_size[reference][path].verdict.answer)
        for path, outcome in by_size[size].items()
        if path in by_size[reference]
    ]
    changed = [pair for pair in pairs if pair[0] != pair[1]]
    return SizeChanges(
        size=size,
        reference=reference,
        n=len(pairs),
        to_reject=sum(own == "reject" for own, _ in changed),
        from_reject=sum(other == "reject" for _, other in changed),
        other=sum("reject" not in pair for pair in changed),
    )


def _size_key(size: str) -> int:
    return int(size) if size.isdecimal() else 10**9


def format_share(count: int, total: int) -> str:
    """Format a share in percent with its count and its 95 % interval; a dash where there are no photos."""
    proportion = Proportion(count, total)
    if proportion.share is None or proportion.interval is None:
        return "-"
    low, high = proportion.interval
    return f"{proportion.share:.1%} ({count}; {low:.1%}-{high:.1%})"


def format_verdict_tables(report: VerdictReport) -> str:
    """Format the counts as Markdown tables: faults and good photos, at each size.

    Faults are shown by kind and source, good photos by kind and by source; the report has all crossings.
    """
    parts = []
    for (size, is_faulty), group in groupby(report.counts, key=lambda each: (each.size, each.is_faulty)):
        heading = "faulty photos" if is_faulty else "good photos"
        columns = ["rejected", "doubted", "kept", "named"] if is_faulty else ["wrongly rejected", "doubted"]
        rows = [_format_counts(each) for each in group if is_faulty or ALL in (each.kind, each.source)]
        table = _format_table([f"{heading}, {_describe_size(size)}", "source", "n", *columns], rows)
        parts.append(table)
    if report.changes:
        parts.append(_format_changes(report.changes))
    return "\n".join(parts)


def _format_counts(counts: VerdictCounts) -> list[str]:
    names = ("rejected", "doubted", "kept", "named") if counts.is_faulty else ("rejected", "doubted")
    shares = [format_share(getattr(counts, name), counts.n) for name in names]
    return [counts.kind.replace("_", " "), counts.source or "(none)", str(counts.n), *shares]


def _format_changes(changes: Sequence[SizeChanges]) -> str:
    rows = [
        [
            _describe_size(each.size),
            str(each.n),
            format_share(each.to_reject, each.n),
            format_share(each.from_reject, each.n),
            format_share(each.other, each.n),
        ]
        for each in changes
    ]
    reference = _describe_size(changes[0].reference)
    header = [
        f"verdicts, compared with {reference}",
        "n",
        "rejected only here",
        "only there",
        "other changes",
    ]
    return _format_table(header, rows)


def _describe_size(size: str) -> str:
    return f"{size} px" if size.isdecimal() else f"{size} size"


def _format_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def format_curve_table(curves: Sequence[OperatingCurve]) -> str:
    """Format each curve's limit in use, and the one with the highest recall within the target of harm."""
    header = ["limit", "finds", "in use", "harm", "recall", "chosen at the target", "harm", "recall"]
    rows = []
    for curve in curves:
        cells = [curve.setting, ", ".join(curve.kinds) + (" (doubts)" if curve.doubts else "")]
        for index in (curve.shipped, curve.chosen):
            if index is None:
                cells += ["-", "-", "-"]
                continue
            limit, harm, recall = curve.points[index]
            shares = [format_share(each.n, each.of) for each in (harm, recall)]
            cells += [f"{limit:.3g}", *shares]
        rows.append(cells)
    return _format_table(header, rows)

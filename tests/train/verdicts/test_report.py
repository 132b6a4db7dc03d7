"""Counts of verdicts by kind, source and size, and how they change with size."""

from __future__ import annotations

from autocull.judge import CRITERIA, Settings
from autocull.train.verdicts.curves import KINDS_OF_CRITERIA
from autocull.train.verdicts.judging import MeasuredPhoto, judge_photos, judge_quickly
from autocull.train.verdicts.labels import FAULT_KINDS
from autocull.train.verdicts.report import (
    CRITERIA_OF_KINDS,
    VerdictOutcome,
    compare_sizes,
    count_verdicts,
    format_share,
)
from support import evidence_builders as builders
from support.labelled_photos import dark_evidence, measured_photo


def outcomes_of(size: str, *photos: MeasuredPhoto) -> list[VerdictOutcome]:
    """Judge measured photos with default settings."""
    verdicts = judge_photos(photos, Settings())
    return [VerdictOutcome(each.photo, size, verdict) for each, verdict in zip(photos, verdicts, strict=True)]


def test_counts_by_kind_and_source() -> None:
    """A faulty photo counts as rejected, doubted or kept; a good one as harm where it is rejected."""
    outcomes = outcomes_of(
        "camera",
        measured_photo("a", "dark", source="web", evidence=dark_evidence(0.99)),
        measured_photo("b", "dark", source="film", evidence=dark_evidence(0.6)),
        measured_photo("c", "dark", "noise", source="film"),
        measured_photo("d", "night", "landscape", evidence=dark_evidence(0.99)),
        measured_photo("e", "portrait"),
    )
    counts = {(each.is_faulty, each.kind, each.source): each for each in count_verdicts(outcomes)}
    dark = counts[True, "dark", "all"]
    assert (dark.n, dark.rejected, dark.doubted, dark.kept, dark.named) == (3, 1, 1, 1, 2)
    assert (counts[True, "dark", "film"].n, counts[True, "dark", "film"].rejected) == (2, 0)
    assert counts[True, "noise", "all"].kept == 1
    assert counts[True, "all", "all"].n == 3
    for kind in ("night", "landscape"):
        assert (counts[False, kind, "all"].n, counts[False, kind, "all"].rejected) == (1, 1)
    assert (counts[False, "all", "one"].n, counts[False, "all", "one"].rejected) == (2, 1)
    assert (True, "blur", "all") not in counts


def test_a_reject_for_another_fault_is_not_named() -> None:
    """A dark photo that is rejected for softness counts as rejected only."""
    soft = builders.evidence(focus=builders.focus(0.02), defects={"defocus": 0.98})
    (outcome,) = outcomes_of("camera", measured_photo("a", "dark", evidence=soft))
    assert outcome.verdict.answer == "reject"
    assert not outcome.is_named


def test_photos_of_a_series_are_judged_as_one_shoot() -> None:
    """The softer of two frames of a burst is rejected; alone it is kept."""
    sharp, softer = (
        builders.evidence(
            focus=builders.focus(sharp), likeness=builders.make_embedding(4, take=1, difference=0.05)
        )
        for sharp in (0.97, 0.5)
    )
    in_series = [
        measured_photo(name, series="s", evidence=each) for name, each in (("a", sharp), ("b", softer))
    ]
    alone = [measured_photo(name, evidence=each) for name, each in (("a", sharp), ("b", softer))]
    assert [verdict.answer for verdict in judge_photos(in_series, Settings())] == ["keep", "reject"]
    assert [verdict.answer for verdict in judge_photos(alone, Settings())] == ["keep", "keep"]


def test_quick_judging_gives_the_same_answers() -> None:
    """Alone and in series, with the same reasons."""
    sharp, softer = (builders.evidence(focus=builders.focus(sharp)) for sharp in (0.97, 0.5))
    photos = [
        measured_photo("a", series="s", evidence=sharp),
        measured_photo("b", series="s", evidence=softer),
        measured_photo("c", evidence=dark_evidence(0.99)),
        measured_photo("d", evidence=dark_evidence(0.6)),
        measured_photo("e", evidence=builders.evidence(faces=(builders.face(0.02),))),
    ]
    slow, quick = judge_photos(photos, Settings()), judge_quickly(photos, Settings())
    assert [verdict.answer for verdict in slow] == [verdict.answer for verdict in quick]
    assert {verdict.answer for verdict in slow} == {"keep", "reject", "cannot_tell"}
    assert [[reason.code for reason in verdict.reasons] for verdict in slow] == [
        [reason.code for reason in verdict.reasons] for verdict in quick
    ]


def test_changes_with_size() -> None:
    """Compared with the largest size, over the photos of both."""
    dark = dark_evidence(0.99)
    large = outcomes_of("camera", *(measured_photo(name, evidence=builders.evidence()) for name in "abc"))
    small = outcomes_of(
        "500", measured_photo("a", evidence=dark), measured_photo("b"), measured_photo("z", evidence=dark)
    )
    (changes,) = compare_sizes([*small, *large])
    assert (changes.size, changes.reference, changes.n) == ("500", "camera", 2)
    assert (changes.to_reject, changes.from_reject, changes.other) == (1, 0, 0)
    assert compare_sizes(large) == []


def test_share_has_count_and_interval() -> None:
    """A share of nothing is a dash."""
    assert format_share(1, 100) == "1.0% (1; 0.2%-5.4%)"
    assert format_share(0, 0) == "-"


def test_every_fault_has_a_criterion() -> None:
    """The tables by kind, and the curves by criterion, name the same."""
    names = {criterion.name for criterion in CRITERIA}
    assert set(CRITERIA_OF_KINDS) == set(FAULT_KINDS)
    assert {name for each in CRITERIA_OF_KINDS.values() for name in each} <= names
    assert set(KINDS_OF_CRITERIA) <= names
    assert {kind for kinds in KINDS_OF_CRITERIA.values() for kind in kinds} == set(FAULT_KINDS)

"""Verdicts, scores and marks: properties of every photo and every profile."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, REASON_TEXTS, MarkRow, Settings, judge, marks_for, sort_key
from autocull.judge.verdict import Answer, Marks, Reason, Verdict
from autocull.measure.evidence import Evidence, Exposure, Face, Focus
from autocull.vocabulary import DEFECTS
from support.evidence_builders import evidence, exposure, face, focus

SETTINGS = Settings()
BADNESS = {"keep": 0, "cannot_tell": 1, "reject": 2}
chance = st.floats(0, 1)
profiles = st.sampled_from([PROFILES[name] for name in sorted(PROFILES)])

faces = st.builds(
    face,
    st.tuples(chance, chance),
    prominence=chance,
    score=chance,
    yaw=st.floats(-90, 90),
    pitch=st.floats(-60, 60),
    size=st.floats(1, 80),
    aspect=st.floats(0, 0.6),
)


@st.composite
def focuses(draw: st.DrawFn) -> Focus:
    """Draw a focus whose three probabilities sum to 1, with tiles of any sharpness and texture."""
    sharp = draw(chance)
    motion = draw(st.floats(0, 1)) * (1 - sharp)
    rows = st.lists(st.tuples(chance, chance, chance), min_size=2, max_size=2).map(tuple)
    found_by = draw(st.sampled_from(["eyes", "face", "region"]))
    return focus(sharp, motion, tiles=draw(rows), texture=draw(rows), found_by=found_by)


exposures = st.builds(Exposure, chance, chance, chance, chance, chance)
photos = st.builds(
    evidence,
    faces=st.lists(faces, max_size=7).map(tuple),
    focus=focuses(),
    exposure=exposures,
    defects=st.fixed_dictionaries(dict.fromkeys(DEFECTS, chance)),
    category=st.fixed_dictionaries({"people": chance}),
    width=st.sampled_from([90, 900, 6000]),
    height=st.just(80),
)


def crosses(reason: Reason) -> bool:
    """Whether the measured number is past its limit, or at it."""
    if REASON_TEXTS[reason.code].bad_side == "below":
        return reason.measured <= reason.limit
    return reason.measured >= reason.limit


def severity(reason: Reason) -> tuple[bool, bool, float]:
    """Return a key that sorts reasons by severity: rejecting, doubting, remarks; then the distance."""
    text = REASON_TEXTS[reason.code]
    room = reason.limit if text.bad_side == "below" else 1 - reason.limit
    return text.rejects, not text.keeps, abs(reason.measured - reason.limit) / room if room else 1.0


@given(photos, profiles)
def test_every_answer_has_its_reasons(photo: Evidence, settings: Settings) -> None:
    """A keep has remarks alone, a doubt only doubts, a reject a rejecting one; each is past its limit."""
    verdict = judge(photo, settings)
    rejecting = [reason for reason in verdict.reasons if REASON_TEXTS[reason.code].rejects]
    assert (verdict.answer == "reject") == bool(rejecting)
    assert (verdict.answer == "keep") == all(REASON_TEXTS[reason.code].keeps for reason in verdict.reasons)
    assert all(crosses(reason) for reason in verdict.reasons)
    assert len({reason.code for reason in verdict.reasons}) == len(verdict.reasons)


@given(photos, profiles)
def test_reasons_come_most_severe_first(photo: Evidence, settings: Settings) -> None:
    """The first reason is the most severe."""
    order = [severity(reason) for reason in judge(photo, settings).reasons]
    assert order == sorted(order, reverse=True)


@given(photos, profiles)
def test_numbers_stay_in_range(photo: Evidence, settings: Settings) -> None:
    """The score and the eyes' probability are 0-1, and each face has its state."""
    verdict = judge(photo, settings)
    assert 0 <= verdict.score <= 1
    assert verdict.eyes_open is None or 0 <= verdict.eyes_open <= 1
    assert len(verdict.faces) == len(photo.faces)
    assert (verdict.eyes == "no_faces") == (not photo.faces)
    assert judge(photo, settings) == verdict


def assert_no_better(worse: Evidence, photo: Evidence, settings: Settings) -> None:
    """Assert that neither the answer nor the score of `worse` is better (but for rounding)."""
    before, after = judge(photo, settings), judge(worse, settings)
    assert BADNESS[after.answer] >= BADNESS[before.answer]
    assert after.score <= before.score + 1e-12


def closing(original: Face, part: float) -> Face:
    """Return the face with its eyes' open probabilities reduced to `part`."""
    return replace(original, eyes=tuple(replace(eye, open=eye.open * part) for eye in original.eyes))


@given(photos, profiles, st.floats(0, 1), st.integers(0, 6))
def test_closing_eyes_never_helps(photo: Evidence, settings: Settings, part: float, which: int) -> None:
    """With the eyes of one face further closed, no photo is judged better."""
    changed = [closing(one, part) if index == which else one for index, one in enumerate(photo.faces)]
    assert_no_better(replace(photo, faces=tuple(changed)), photo, settings)


@given(photos, profiles, st.floats(0, 1))
def test_softening_never_helps(photo: Evidence, settings: Settings, part: float) -> None:
    """With less sharpness in subject and tiles, its causes in the same ratio, no photo is judged better."""
    was = photo.focus
    sharp, soft = was.sharp * part, was.defocus + was.motion
    share = was.motion / soft if soft > 0 else 0.0
    tiles = tuple(tuple(tile * part for tile in row) for row in was.tiles)
    softer = replace(
        was, sharp=sharp, motion=(1 - sharp) * share, defocus=(1 - sharp) * (1 - share), tiles=tiles
    )
    assert_no_better(replace(photo, focus=softer), photo, settings)


@given(photos, profiles, st.sampled_from(DEFECTS), st.floats(0, 1))
def test_a_worse_defect_never_helps(photo: Evidence, settings: Settings, name: str, part: float) -> None:
    """With one defect more probable, no photo is judged better."""
    worse = {**photo.defects, name: photo.defects[name] + part * (1 - photo.defects[name])}
    assert_no_better(replace(photo, defects=worse), photo, settings)


@given(photos, profiles, st.randoms())
def test_the_order_of_bystanders_does_not_matter(photo: Evidence, settings: Settings, rng: Random) -> None:
    """Faces without prominence, in any order, change nothing but the order of their own states."""
    main = tuple(replace(one, prominence=max(one.prominence, 0.01)) for one in photo.faces)
    crowd = [face(0.01, prominence=0.0), face(0.5, prominence=0.0), face(0.99, prominence=0.0)]
    first = judge(replace(photo, faces=(*main, *crowd)), settings)
    rng.shuffle(crowd)
    again = judge(replace(photo, faces=(*main, *crowd)), settings)
    assert replace(first, faces=()) == replace(again, faces=())


@given(photos, profiles)
def test_every_verdict_has_its_marks(photo: Evidence, settings: Settings) -> None:
    """Only rejects are red and flagged so, only doubts yellow, and only keeps have stars, never five."""
    verdict = judge(photo, settings)
    marks = marks_for(verdict, settings)
    assert (marks.flag == -1) == (marks.label == "red") == (verdict.answer == "reject")
    assert (marks.label == "yellow") == (verdict.answer == "cannot_tell")
    assert (0 < marks.rating < 5) == (verdict.answer == "keep")


def verdict(answer: Answer, score: float) -> Verdict:
    """Make a verdict that has an answer and a score, and nothing else."""
    return Verdict(answer, score, (), (), "no_faces", None)


@pytest.mark.parametrize(
    ("answer", "score", "expected"),
    [
        ("keep", 1.0, Marks(4, "green", 1)),
        ("keep", 0.9, Marks(4, "green", 1)),
        ("keep", 0.89, Marks(3, "none", 0)),
        ("keep", 0.5, Marks(2, "none", 0)),
        ("keep", 0.0, Marks(1, "none", 0)),
        ("cannot_tell", 1.0, Marks(0, "yellow", 0)),
        ("reject", 1.0, Marks(0, "red", -1)),
        ("reject", 0.0, Marks(0, "red", -1)),
    ],
)
def test_the_default_marks(answer: Answer, score: float, expected: Marks) -> None:
    """Stars follow the score; a limit belongs to the row that names it."""
    assert marks_for(verdict(answer, score), SETTINGS) == expected


def test_the_order_of_rows_does_not_matter() -> None:
    """A table that the photographer wrote from one star upwards marks the same."""
    upside_down = SETTINGS.model_copy(update={"marks": SETTINGS.marks[::-1]})
    for score in (0.1, 0.5, 0.8, 1.0):
        assert marks_for(verdict("keep", score), upside_down) == marks_for(verdict("keep", score), SETTINGS)


def test_the_photographer_may_give_the_fifth_star() -> None:
    """A table of marks may give five stars."""
    rows = (MarkRow(verdict="keep", score=0.95, stars=5), *SETTINGS.marks)
    assert marks_for(verdict("keep", 0.99), Settings(marks=rows)).rating == 5


def test_sorting_puts_the_best_first() -> None:
    """All kept photos precede the doubtful, those the rejected; within each the higher score is first."""
    mixed = [
        verdict("reject", 0.95),
        verdict("keep", 0.2),
        verdict("reject", 0.1),
        verdict("cannot_tell", 0.8),
        verdict("keep", 0.9),
    ]
    assert sorted(mixed, key=sort_key) == [mixed[4], mixed[1], mixed[3], mixed[0], mixed[2]]


def test_several_faults_give_several_reasons() -> None:
    """A photo that is soft, dark and half closed has all three reasons, rejecting ones before doubts."""
    photo = evidence(
        faces=(face(0.2),),
        focus=focus(0.01),
        defects={"defocus": 0.9, "too_dark": 0.9},
        exposure=exposure(median=0.05, high=0.2),
    )
    codes = [reason.code for reason in judge(photo, SETTINGS).reasons]
    assert codes == ["out_of_focus", "too_dark", "eyes_doubtful"]

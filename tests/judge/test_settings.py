"""The settings: every one moves an output, and none is taken that would not be understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from autocull.judge import PROFILES, MarkRow, Settings, adjust_for_series, judge, marks_for
from autocull.judge.settings import DEFAULT_MARKS, Share
from autocull.judge.texts.labels import category_labels
from autocull.measure import Page
from autocull.read.photo import Box, Capture
from autocull.series.grouping import group
from autocull.series.model import GroupingSettings, Series
from autocull.taste.profile import Selection
from support.evidence_builders import evidence, exposure, eye, face, focus
from support.series_factories import adjusted_verdicts
from support.simulated_shoots import shots_at_every_limit
from support.taste_factories import profile

BLURRED = {"defocus": 0.9, "motion_blur": 0.6}
DARK = exposure(median=0.1, low=0.0, high=0.35)
STARS = exposure(median=0.1, low=0.0, high=0.35, lights=0.12)
BRIGHT = exposure(median=0.8, low=0.3, high=1.0, clipped_bright=0.15)
GROUP = (face(0.97), *(face(0.97, prominence=0.8) for _ in range(4)))
STATES = (0.02, 0.1, 0.2, 0.3, 0.38, 0.45, 0.55, 0.7)

PHOTOS = [
    evidence(),
    *(evidence(faces=(face(chance),)) for chance in STATES),
    *(evidence(focus=focus(sharp, motion), defects=BLURRED) for sharp in STATES for motion in (0.0, 0.2)),
    *(evidence(focus=focus(sharp)) for sharp in (0.05, 0.3, 0.6, 0.8)),
    evidence(focus=focus(0.05, found_by="region")),
    evidence(focus=focus(0.05, tiles=((0.9, 0.1),), texture=((0.3, 0.15),)), defects=BLURRED),
    evidence(faces=(face((0.95, 0.05)),)),
    evidence(faces=(face(eyes=(eye(0.6, size=10), eye(0.05, size=60))),)),
    evidence(faces=(face(0.03, size=9),)),
    *(evidence(faces=(face(eyes=(eye(0.9), eye(0.02, size=20)), yaw=yaw),)) for yaw in (20, 45, 70)),
    *(evidence(faces=(face(0.03, pitch=pitch),)) for pitch in (-10, -20, -50)),
    *(evidence(faces=(face(0.03, aspect=aspect),)) for aspect in (0.1, 0.5)),
    *(evidence(faces=(face(0.03, score=score),)) for score in (0.2, 0.7)),
    *(evidence(faces=(face(0.03, mesh_score=score),)) for score in (0.2, 0.7)),
    *(evidence(faces=(face(0.97), face(0.03, prominence=part))) for part in (0.2, 0.3, 0.4, 0.6)),
    *(evidence(faces=(face(0.03, roll=roll),)) for roll in (10, 40)),
    *(evidence(faces=(face(0.03, mouth=mouth),)) for mouth in (0.1, 0.6)),
    *(evidence(faces=(face(0.03, lids=lids),)) for lids in (0.1, 0.25)),
    evidence(faces=(face(0.03), face(yaw=-12, box=Box(0.55, 0.2, 0.85, 0.6)))),
    evidence(faces=(face(0.03), face(yaw=40), face(yaw=-40))),
    *(evidence(faces=(face(0.03), face(gaze=gaze), face(gaze=-gaze))) for gaze in (0.1, 0.3)),
    evidence(faces=tuple(face(0.03, box=Box(x, 0.4, x + 0.05, 0.45)) for x in (0.1, 0.3, 0.5))),
    evidence(faces=(face(0.03, box=Box(0.4, 0.4, 0.45, 0.45)),)),
    evidence(faces=(face(0.03),), category={"people": 0.02}),
    evidence(faces=(*GROUP, face(0.03, prominence=0.8))),
    evidence(faces=(*GROUP, *(face(0.03, prominence=0.8) for _ in range(4)))),
    *(evidence(defects={"too_dark": chance}, exposure=DARK) for chance in (0.55, 0.7, 0.8, 0.95)),
    evidence(defects={"too_dark": 0.95}, exposure=STARS),
    *(
        evidence(defects={"too_dark": 0.95}, exposure=DARK, capture=Capture(shutter=shutter, iso=iso))
        for shutter, iso in ((30.0, 400), (30.0, 3200), (0.5, 3200))
    ),
    *(evidence(defects={"too_bright": chance}, exposure=BRIGHT) for chance in (0.55, 0.7, 0.8, 0.95)),
    *(
        evidence(defects={"too_bright": 0.95}, exposure=replace(BRIGHT, sensor_white=white))
        for white in (0.005, 0.3)
    ),
    evidence(defects={"too_dark": 0.95}, exposure=DARK, capture=Capture(exposure_bias=-1.5)),
    *(evidence(page=page, capture=Capture()) for page in (Page(text=0.6), Page(flat=0.9))),
    *(
        evidence(defects={fault: chance})
        for fault in ("lens_flare", "low_quality", "noise")
        for chance in (0.5, 0.83, 0.9, 0.99)
    ),
    evidence(focus=focus(0.05, found_by="region", blur=0.01)),
    evidence(width=600, height=400),
    evidence(remarks=("maybe_damaged",)),
]
"""Photos on both sides of every limit."""

SHOTS = shots_at_every_limit()
"""Shots on both sides of every limit of grouping."""

TRUSTING = Settings.model_validate(
    {name: "reject" for name in Settings.model_fields if name.endswith("_trust")} | {"focus_second": "always"}
)
BASES = (*PROFILES.values(), TRUSTING)


BURST = {
    "open": evidence(faces=(face(0.9),), focus=focus(0.8)),
    "sharp": evidence(faces=(face(0.8),), focus=focus(0.97)),
    "lit": evidence(faces=(face(0.85),), focus=focus(0.88), exposure=exposure(median=0.4)),
    "near": evidence(faces=(face(0.89),), focus=focus(0.8)),
    "far": evidence(faces=(face(0.6),), focus=focus(0.6), exposure=exposure(median=0.7)),
}
"""Frames of one moment, each better in one respect."""

CHANCES = (0.0, 0.01, 0.03, 0.3, 0.6, 0.85, 0.95, 1.0)
"""Probabilities that a taste may predict."""

TASTE = profile()


def outcomes(settings: Settings) -> list[object]:
    """Return verdicts, marks and labels of all photos, of a burst and by a taste, and groups of shots."""
    verdicts = [judge(photo, settings) for photo in PHOTOS]
    kinds = [category_labels(photo, settings)[0].answer for photo in PHOTOS]
    limit = TASTE.harm_bound(settings.select_loss).limit
    chosen = [
        adjust_for_series(
            verdicts[0], None, Selection(chance, "taste", acts=True, reject_limit=limit), settings
        )
        for chance in CHANCES
    ]
    return [
        *zip(verdicts, (marks_for(verdict, settings) for verdict in verdicts), kinds, strict=True),
        *adjusted_verdicts(BURST, settings).values(),
        *((verdict, marks_for(verdict, settings)) for verdict in chosen),
        *grouped(settings.grouping_settings()),
    ]


@lru_cache
def grouped(limits: GroupingSettings) -> tuple[Series, ...]:
    """Group the shots; once for the same limits."""
    return tuple(group(SHOTS, limits))


def range_of(field: FieldInfo) -> tuple[float, float] | None:
    """Return the lowest and the highest value that a number's field accepts, None where it is no number."""
    bounds = {
        side: getattr(one, side) for one in field.metadata for side in ("ge", "le") if hasattr(one, side)
    }
    return (bounds["ge"], bounds["le"]) if len(bounds) == 2 else None


def other_values(model: type[Settings] | type[MarkRow], name: str) -> Iterator[Any]:
    """Yield values that the field `name` accepts, over its whole range."""
    field = model.model_fields[name]
    bounds = range_of(field)
    if bounds is None:
        yield from get_args(field.annotation)
        return
    low, high = bounds
    for part in (0.0, 0.01, 0.02, 0.05, 0.2, 0.5, 0.8, 1.0):
        value = low + part * (high - low)
        yield round(value) if field.annotation is int else value


def has_effect(model: type[Settings], name: str) -> bool:
    """Whether some value of the setting `name` changes the outcome of some photo, from some profile."""
    for base in BASES:
        start = model.model_validate(dict(base))
        before = outcomes(start)
        for value in other_values(model, name):
            if outcomes(start.model_copy(update={name: value})) != before:
                return True
    return False


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name != "marks"])
def test_every_setting_changes_an_output(name: str) -> None:
    """Each setting has a value that changes a verdict with its score and reasons, the marks, or a label."""
    assert has_effect(Settings, name)


def test_a_setting_without_effect_is_detected() -> None:
    """The sweep does not pass by accident: a setting that is not read has no effect."""

    class Idle(Settings):
        idle: Share = 0.5

    assert not has_effect(Idle, "idle")


EXTRA_ROWS = (
    MarkRow(verdict="cannot_tell", score=0.3, stars=1),
    MarkRow(verdict="reject", score=0.03, stars=1),
)
TABLE = (*DEFAULT_MARKS, *EXTRA_ROWS)


@pytest.mark.parametrize("name", MarkRow.model_fields)
@pytest.mark.parametrize("row", range(len(TABLE)))
def test_every_cell_of_the_marks_table_changes_a_mark(row: int, name: str) -> None:
    """Each cell changes some photo's marks; only a verdict's row of score 0 cannot be removed."""
    before = outcomes(Settings(marks=TABLE))
    moved = False
    for value in other_values(MarkRow, name):
        changed = TABLE[row].model_copy(update={name: value})
        table = [*TABLE[:row], changed, *TABLE[row + 1 :]]
        try:
            moved = moved or outcomes(Settings.model_validate({"marks": table})) != before
        except ValidationError:
            continue
    assert moved == (TABLE[row].score > 0 or name not in ("verdict", "score"))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (DEFAULT_MARKS[:-1], "reject needs a row"),
        (DEFAULT_MARKS[:3] + DEFAULT_MARKS[4:], "keep needs a row"),
        ((), "keep needs a row"),
        ((*DEFAULT_MARKS, DEFAULT_MARKS[0]), "two rows"),
    ],
)
def test_a_marks_table_answers_every_verdict_once(rows: tuple[MarkRow, ...], words: str) -> None:
    """A table that leaves a verdict without marks, or with two, is refused."""
    with pytest.raises(ValidationError, match=words):
        Settings(marks=rows)


def test_defaults_are_in_their_ranges() -> None:
    """Every profile passes its own validation (pydantic does not check defaults)."""
    for settings in PROFILES.values():
        assert Settings.model_validate(settings.model_dump()) == settings


def test_settings_are_one_frozen_value() -> None:
    """Settings can be compared and hashed, and not changed."""
    assert hash(Settings()) == hash(Settings())
    with pytest.raises(ValidationError, match="frozen"):
        Settings().eyes_reject = 0.3  # type: ignore[misc]


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name != "marks"])
def test_the_digest_depends_on_every_setting(name: str) -> None:
    """Whatever setting differs, the digest differs; the same settings have the same digest."""
    different = [value for value in other_values(Settings, name) if value != getattr(Settings(), name)]
    changed = Settings().model_copy(update={name: different[0]})
    assert changed.digest() != Settings().digest() == Settings.model_validate(dict(Settings())).digest()


def test_every_setting_is_described() -> None:
    """Each field has a meaning that is a sentence, and each number a range and a unit."""
    for name, field in Settings.model_fields.items():
        assert str(field.description).endswith("."), name
        if isinstance(field.default, float | int):
            assert isinstance(field.json_schema_extra, dict), name
            assert range_of(field) is not None, name

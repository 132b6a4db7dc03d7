"""Operating curves: harm and recall as a limit moves, the choice at a target of harm, and their picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from autocull.judge import Settings
from autocull.stats import Proportion
from autocull.train.verdicts.curve_drawing import draw_curves
from autocull.train.verdicts.curves import CurvePoint, OperatingCurve, compute_curves
from autocull.train.verdicts.judging import MeasuredPhoto
from support import evidence_builders as builders
from support.labelled_photos import dark_evidence, measured_photo

CHANCES = (0.2, 0.55, 0.75, 0.9, 0.99)


@pytest.fixture
def photos() -> list[MeasuredPhoto]:
    """Make dark photos of rising probability, and good ones, one of them rather dark."""
    dark = [measured_photo(f"dark{chance}", "dark", evidence=dark_evidence(chance)) for chance in CHANCES]
    good = [measured_photo(f"good{number}", "night") for number in range(9)]
    return [*dark, *good, measured_photo("gloomy", "low_key", evidence=dark_evidence(0.6))]


def test_curve_has_harm_and_recall_of_every_limit(photos: list[MeasuredPhoto]) -> None:
    """Both fall as the limit rises; the point in use is that of the settings."""
    (curve,) = compute_curves(photos, Settings(dark_reject=0.7), 0.05)
    assert (curve.setting, curve.kinds, curve.doubts) == ("dark_reject", ("dark",), False)
    assert curve.points[curve.shipped].limit == 0.7
    assert curve.points[curve.shipped].recall == Proportion(3, 5)
    assert curve.points[curve.shipped].harm == Proportion(0, 10)
    limits = [point.limit for point in curve.points]
    assert limits == sorted(limits)
    for share in ("harm", "recall"):
        values = [getattr(point, share).n for point in curve.points]
        assert values == sorted(values, reverse=True)
        assert values[0] > values[-1]


def test_limit_is_chosen_at_the_target(photos: list[MeasuredPhoto]) -> None:
    """The highest recall without more harm; a target that allows harm chooses a lower limit."""
    strict, lenient = (compute_curves(photos, Settings(), target)[0] for target in (0.0, 0.1))
    assert strict.chosen is not None
    assert lenient.chosen is not None
    assert strict.points[strict.chosen].harm.n == 0
    assert strict.points[strict.chosen].recall.n == 3
    assert lenient.points[lenient.chosen].harm.n == 1
    assert lenient.points[lenient.chosen].recall.n > 3


def test_without_a_point_within_the_target_none_is_chosen() -> None:
    """Harm everywhere."""
    points = tuple(CurvePoint(limit, Proportion(1, 2), Proportion(1, 1)) for limit in (0.1, 0.2))
    curve = OperatingCurve(setting="x", doubts=False, kinds=("dark",), points=points, shipped=0, target=0.01)
    assert curve.chosen is None
    assert curve.to_json()["chosen"] is None
    assert "circle" in draw_curves([curve])


def test_criterion_that_only_doubts_has_a_curve_of_doubts() -> None:
    """Noise does not reject by default; eyes move in the other direction."""
    noisy = builders.evidence(defects={"noise": 0.9})
    closed = builders.evidence(faces=(builders.face(0.02),))
    photos = [
        measured_photo("a", "noise", evidence=noisy),
        measured_photo("b", "closed_eyes", evidence=closed),
        measured_photo("c", "portrait"),
    ]
    curves = {curve.setting: curve for curve in compute_curves(photos, Settings(), 0.01)}
    assert set(curves) == {"eyes_reject", "noise_doubt"}
    noise, eyes = curves["noise_doubt"], curves["eyes_reject"]
    assert noise.doubts
    assert noise.points[noise.shipped].recall == Proportion(1, 1)
    assert [eyes.points[index].recall.n for index in (0, -1)] == [0, 1]


def test_an_ignored_criterion_has_no_curve(photos: list[MeasuredPhoto]) -> None:
    """Nor one without faulty photos."""
    assert compute_curves(photos, Settings(dark_trust="ignore"), 0.01) == []
    assert compute_curves([measured_photo("a", "night")], Settings(), 0.01) == []


def test_picture_marks_the_limit_in_use_and_the_chosen_one(photos: list[MeasuredPhoto]) -> None:
    """Well-formed SVG with one panel per curve; harm of the target is a dashed line."""
    curves = compute_curves(photos, Settings(), 0.0)
    root = ElementTree.fromstring(draw_curves(curves * 4))
    classes = [element.get("class") for element in root.iter()]
    assert [classes.count(name) for name in ("curve", "shipped", "chosen", "target")] == [4] * 4
    texts = [element.text for element in root.iter() if element.text]
    assert "dark_reject: dark" in texts
    assert any("5 faulty, 10 good" in text for text in texts)

"""The findings of each criterion, and the score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from autocull.judge import PROFILES, Settings, judge
from autocull.judge.criteria import compute_light_value, light_is_bright, light_is_dark
from autocull.judge.findings import (
    LOW_RESOLUTION_PREVIEW,
    compute_frame_sharpness,
    compute_softness,
    measure_extent,
)
from autocull.read.photo import Capture
from support.evidence_builders import evidence, exposure, face, focus

SETTINGS = Settings()
BLURRED = {"defocus": 0.9, "motion_blur": 0.9}
NIGHT_BLACK = exposure(median=0.06, low=0.0, high=0.2, clipped_dark=0.4)
BURNT = exposure(median=0.9, low=0.3, high=1.0, clipped_bright=0.4)
PLAIN = ((0.02,) * 4,) * 3
REGION = focus(0.05, found_by="region")


def codes(settings: Settings = SETTINGS, **changes: Any) -> list[str]:
    """Judge a good photo with `changes` and list the codes of its reasons."""
    return [reason.code for reason in judge(evidence(**changes), settings).reasons]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="a good photo"),
        pytest.param({"faces": (face(0.03),)}, ["eyes_closed"], id="closed"),
        pytest.param({"faces": (face(0.2),)}, ["eyes_doubtful"], id="nearly closed"),
        pytest.param({"focus": focus(0.05), "defects": BLURRED}, ["out_of_focus"], id="missed focus"),
        pytest.param({"focus": focus(0.05, 0.9), "defects": BLURRED}, ["motion_blur"], id="moved"),
        pytest.param({"focus": focus(0.3), "defects": BLURRED}, ["focus_doubtful"], id="a little soft"),
        pytest.param({"focus": focus(0.05)}, ["focus_doubtful"], id="a soft face, but one network only"),
        pytest.param({"focus": REGION}, ["out_of_focus"], id="a soft region, by one network"),
        pytest.param(
            {"focus": REGION, "width": 599, "height": 400, "kind": "jpeg"},
            ["focus_doubtful"],
            id="soft, but small",
        ),
        pytest.param(
            {"focus": REGION, "width": 599, "height": 400, "kind": "raw"},
            ["out_of_focus"],
            id="soft, small, but a RAW",
        ),
        pytest.param({"focus": REGION, "width": 400, "height": 600}, ["out_of_focus"], id="soft, 600 px"),
        pytest.param(
            {"focus": focus(0.05, found_by="region", blur=0.002)}, ["out_of_focus"], id="soft, however wide"
        ),
        pytest.param(
            {"focus": focus(0.05, texture=((0.15,) * 4, (0.55,) * 4)), "defects": BLURRED},
            ["focus_doubtful"],
            id="soft, but a sky with a gradient",
        ),
        pytest.param(
            {"focus": focus(0.05, texture=PLAIN), "defects": BLURRED},
            ["focus_doubtful"],
            id="soft, but plain",
        ),
        pytest.param(
            {"focus": focus(0.05, texture=(), tiles=()), "defects": BLURRED},
            ["focus_doubtful"],
            id="no tiles",
        ),
        pytest.param(
            {"focus": focus(0.05), "defects": BLURRED, "remarks": (LOW_RESOLUTION_PREVIEW,)},
            ["focus_doubtful"],
            id="soft, but only a small preview",
        ),
        pytest.param({"defects": BLURRED}, ["sharp_subject"], id="a soft background behind a sharp subject"),
        pytest.param(
            {"defects": {"motion_blur": 0.61}}, ["sharp_subject"], id="moved around a sharp subject"
        ),
        pytest.param({"defects": {"motion_blur": 0.59}}, [], id="hardly moved"),
        pytest.param({"defects": {"too_dark": 0.95}, "exposure": NIGHT_BLACK}, ["too_dark"], id="too dark"),
        pytest.param({"defects": {"too_dark": 0.95}}, ["dark_doubtful"], id="dark by the network only"),
        pytest.param({"exposure": NIGHT_BLACK}, [], id="night: dark by the light only"),
        pytest.param(
            {"defects": {"too_dark": 0.6}, "exposure": NIGHT_BLACK}, ["dark_doubtful"], id="perhaps too dark"
        ),
        pytest.param({"defects": {"too_bright": 0.95}, "exposure": BURNT}, ["too_bright"], id="too bright"),
        pytest.param({"defects": {"too_bright": 0.95}}, ["bright_doubtful"], id="bright by the network only"),
        pytest.param({"exposure": BURNT}, [], id="high key: bright by the light only"),
        pytest.param({"defects": {"lens_flare": 0.99}}, ["flare_doubtful"], id="flare"),
        pytest.param({"defects": {"low_quality": 0.99}}, ["low_quality"], id="JPEG loss"),
        pytest.param({"defects": {"low_quality": 0.85}}, ["quality_doubtful"], id="some JPEG loss"),
        pytest.param({"defects": {"noise": 0.99}}, ["noise_doubtful"], id="noise"),
        pytest.param({"remarks": ("maybe_damaged",)}, ["damage_doubtful"], id="contradicting data"),
        pytest.param({"width": 90, "height": 60}, ["low_resolution"], id="a thumbnail"),
    ],
)
def test_balanced_profile_finds_each_fault(changes: dict[str, Any], expected: list[str]) -> None:
    """Each fault has its reason, and rejects only where two measurements agree."""
    assert codes(**changes) == expected


def test_a_sharp_subject_is_remarked_where_the_frame_is_blurred() -> None:
    """The photo is kept with the number that the label shows; not where the whole frame is what counts."""
    moved = evidence(defects={"motion_blur": 0.61})
    verdict = judge(moved, SETTINGS)
    (reason,) = verdict.reasons
    assert (verdict.answer, reason.measured, reason.limit) == ("keep", 0.61, SETTINGS.focus_second_min)
    assert reason.box == moved.focus.subject
    assert judge(moved, SETTINGS.model_copy(update={"focus_on": "frame"})).reasons == ()
    ignoring = SETTINGS.model_copy(update={"motion_trust": "ignore", "defocus_trust": "ignore"})
    assert codes(ignoring, defects=BLURRED, focus=focus(0.05)) == []


@pytest.mark.parametrize("name", ["flare", "noise", "quality"])
def test_a_trusted_defect_rejects(name: str) -> None:
    """Flare, noise and compression loss reject where they are trusted, and are ignored where they are not."""
    fault = {"flare": "lens_flare", "noise": "noise", "quality": "low_quality"}[name]
    trusted, ignored = (
        SETTINGS.model_copy(update={f"{name}_trust": trust}) for trust in ("reject", "ignore")
    )
    assert codes(trusted, defects={fault: 0.99}) == [fault]
    assert codes(ignored, defects={fault: 0.99}) == []


def test_reasons_have_their_place_in_the_picture() -> None:
    """The box of closed eyes is their face, that of a soft subject the subject; a soft frame has none."""
    closed = face(0.03, box=face().box._replace(x0=0.1))
    (reason,) = judge(evidence(faces=(face(0.9), closed)), SETTINGS).reasons
    assert reason.box == closed.box
    soft = evidence(focus=focus(0.05), defects=BLURRED)
    assert judge(soft, SETTINGS).reasons[0].box == soft.focus.subject
    assert judge(soft, PROFILES["landscape"]).reasons[0].box is None


@pytest.mark.parametrize(
    ("blur", "code"),
    [(0.0, "out_of_focus"), (0.0039, "focus_doubtful"), (0.004, "out_of_focus"), (0.02, "out_of_focus")],
)
def test_a_missed_focus_may_have_to_be_wide_to_reject(blur: float, code: str) -> None:
    """The limit is in px of a view of 2048 px; a blur that was not measured is not compared with it."""
    settings = SETTINGS.model_copy(update={"focus_blur_min": 0.004 * 2048})
    assert codes(settings, focus=focus(0.05, found_by="region", blur=blur)) == [code]


@pytest.mark.parametrize(
    ("sharp", "motion", "blur", "pixels"),
    [
        pytest.param(0.05, 0.0, 0.01, 20.48, id="missed focus"),
        pytest.param(0.3, 0.0, 0.01, 20.48, id="perhaps soft"),
        pytest.param(0.05, 0.0, 7.9 / 2048, None, id="narrower than can be measured"),
        pytest.param(0.05, 0.0, 0.0, None, id="not measured"),
        pytest.param(0.05, 0.9, 0.01, None, id="moved"),
    ],
)
def test_reasons_of_a_missed_focus_have_its_extent(
    sharp: float, motion: float, blur: float, pixels: float | None
) -> None:
    """In px of a view of 2048 px, and as a part of the diagonal, whatever the size of the photo."""
    for factor in (1, 4):
        soft = focus(sharp, motion, found_by="region", blur=blur)
        photo = evidence(focus=soft, defects=BLURRED, width=1200 * factor, height=900 * factor)
        (reason,) = judge(photo, SETTINGS).reasons
        assert (reason.blur is None) == (pixels is None)
        if reason.blur is not None:
            assert (reason.blur.pixels, reason.blur.per_diagonal) == pytest.approx((pixels, 1.25 / blur))


def test_extent_is_not_named_in_photos_that_are_too_small_to_measure_it() -> None:
    """A width at 2048 px would be extrapolated from some pixels of a thumbnail."""
    soft = focus(0.3, found_by="region", blur=0.01)
    named = [
        measure_extent(evidence(focus=soft, width=side, height=side // 2)) is not None for side in (499, 500)
    ]
    assert named == [False, True]


@pytest.mark.parametrize(
    ("second", "found_by", "code"),
    [
        ("always", "eyes", "focus_doubtful"),
        ("always", "region", "focus_doubtful"),
        ("face", "eyes", "focus_doubtful"),
        ("face", "face", "focus_doubtful"),
        ("face", "region", "out_of_focus"),
        ("never", "eyes", "out_of_focus"),
        ("never", "region", "out_of_focus"),
    ],
)
def test_whole_frame_network_must_agree_by_setting(second: str, found_by: str, code: str) -> None:
    """Where the whole-frame network must agree and does not, a soft subject raises doubt only."""
    settings = SETTINGS.model_copy(update={"focus_second": second})
    assert codes(settings, focus=focus(0.05, found_by=found_by)) == [code]


@pytest.mark.parametrize(
    ("defocus", "motion", "expected"),
    [
        ("reject", "reject", (0.1, 0.1, True)),
        ("reject", "doubt", (0.1, 0.7, False)),
        ("doubt", "reject", (0.1, 0.4, True)),
        ("reject", "ignore", (0.7, 0.7, False)),
        ("ignore", "reject", (0.4, 0.4, True)),
        ("ignore", "ignore", (1.0, 1.0, False)),
    ],
)
def test_softness_counts_as_far_as_its_kind_is_trusted(
    defocus: str, motion: str, expected: tuple[float, float, bool]
) -> None:
    """Of 0.3 defocus and 0.6 motion, only the trusted kinds take away from sharp."""
    settings = SETTINGS.model_copy(update={"defocus_trust": defocus, "motion_trust": motion})
    result = compute_softness(focus(0.1, 0.6), settings)
    assert (result.sharp, result.sharp_to_reject, result.mostly_motion) == pytest.approx(expected)


def test_a_frame_is_as_sharp_as_its_textured_tiles() -> None:
    """Sky does not count; without texture the frame is as sharp as the subject."""
    tiles, texture = ((0.0, 0.0, 0.0), (0.9, 0.7, 0.8)), ((0.01, 0.02, 0.0), (0.5, 0.5, 0.5))
    mixed = focus(0.2, tiles=tiles, texture=texture)
    assert compute_frame_sharpness(mixed, SETTINGS) == pytest.approx(0.8)
    assert compute_frame_sharpness(focus(0.2, texture=PLAIN), SETTINGS) == 0.2


def test_a_landscape_is_judged_by_the_frame_not_the_subject() -> None:
    """The landscape profile keeps a soft subject in a sharp frame, and rejects the opposite."""
    mixed = focus(0.05, found_by="region", tiles=((0.9,) * 4,) * 3)
    assert codes(PROFILES["landscape"], focus=mixed, defects=BLURRED) == []
    sharp_subject = focus(1.0, tiles=((0.05,) * 4,) * 3)
    assert codes(PROFILES["landscape"], focus=sharp_subject, defects=BLURRED) == ["out_of_focus"]


@pytest.mark.parametrize(
    ("changes", "dark", "bright"),
    [
        ({}, False, False),
        ({"median": 0.1, "high": 0.3}, True, False),
        ({"median": 0.05, "high": 0.8}, False, False),
        ({"median": 0.5, "high": 0.3}, False, False),
        ({"median": 0.95, "clipped_bright": 0.5}, False, True),
        ({"median": 0.9, "clipped_bright": 0.0}, False, False),
        ({"median": 0.3, "clipped_bright": 0.2}, False, False),
    ],
)
def test_measured_light_is_dark_or_bright(changes: dict[str, float], dark: bool, bright: bool) -> None:
    """Light is dark without lamps, bright where it is clipped; night streets and pale scenes are neither."""
    light = exposure(**changes)
    photo = evidence(exposure=light)
    assert (light_is_dark(photo, SETTINGS), light_is_bright(photo, SETTINGS)) == (dark, bright)


CAPTURES_OF_DARK_PHOTOS = (
    ("20 s at ISO 3200", Capture(shutter=20.0, iso=3200), "dark_doubtful"),
    ("20 s at f/4 and ISO 100", Capture(shutter=20.0, aperture=4.0, iso=100), "dark_doubtful"),
    ("1/2 s at ISO 1000", Capture(shutter=0.5, iso=1000), "dark_doubtful"),
    ("1/100 s at ISO 3200", Capture(shutter=0.01, iso=3200), "too_dark"),
    ("1/60 s at f/2.8 and ISO 400", Capture(shutter=1 / 60, aperture=2.8, iso=400), "too_dark"),
    ("no shutter", Capture(iso=3200), "too_dark"),
    (
        "compensated by -3 EV",
        Capture(shutter=1 / 80, aperture=1.8, iso=160, exposure_bias=-3.0),
        "dark_doubtful",
    ),
    ("compensated by -1 EV", Capture(exposure_bias=-1.0), "dark_doubtful"),
    ("compensated by -2/3 EV", Capture(exposure_bias=-2 / 3), "too_dark"),
    ("compensated by +1 EV", Capture(exposure_bias=1.0), "too_dark"),
)
VERY_DARK = {"too_dark": 0.99}
STARS = exposure(median=0.06, low=0.0, high=0.2, lights=0.15)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"exposure": NIGHT_BLACK}, "too_dark", id="nothing shows a night"),
        pytest.param({"exposure": STARS}, "dark_doubtful", id="stars without capture facts"),
        *(
            pytest.param({"exposure": NIGHT_BLACK, "capture": capture}, expected, id=name)
            for name, capture, expected in CAPTURES_OF_DARK_PHOTOS
        ),
    ],
)
def test_a_picture_meant_to_be_dark_is_never_rejected_for_its_darkness(
    changes: dict[str, Any], expected: str
) -> None:
    """Stars, a camera set for little light, or compensation towards dark show the intent: a doubt at most."""
    assert codes(defects=VERY_DARK, **changes) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"night_light": -20.0}, "too_dark"), ({"night_light": 3.0}, "dark_doubtful")],
)
def test_the_limit_of_night_light_is_a_setting(changes: dict[str, float], expected: str) -> None:
    """A photographer of badly lit halls can turn the rule off."""
    settings = SETTINGS.model_copy(update=changes)
    photo = evidence(exposure=NIGHT_BLACK, capture=Capture(shutter=20.0, iso=3200), defects=VERY_DARK)
    assert [reason.code for reason in judge(photo, settings).reasons] == [expected]


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        pytest.param(Capture(shutter=1 / 125, aperture=16.0, iso=100), 14.966, id="sunny 16"),
        pytest.param(Capture(shutter=1.0, aperture=1.0, iso=100), 0.0, id="the origin of the scale"),
        pytest.param(Capture(shutter=1.0, aperture=1.0, iso=800), -3.0, id="ISO counts"),
        pytest.param(Capture(shutter=1.0, iso=100), 4.0, id="f/4 is assumed"),
        pytest.param(Capture(shutter=1.0, aperture=2.0), None, id="no ISO"),
        pytest.param(Capture(aperture=2.0, iso=100), None, id="no shutter"),
    ],
)
def test_light_value_follows_its_definition(capture: Capture, expected: float | None) -> None:
    """Common camera settings give the values of the table in EV at ISO 100."""
    value = compute_light_value(capture)
    assert value == (None if expected is None else pytest.approx(expected, abs=0.001))


def test_score_is_the_product_of_its_parts() -> None:
    """Openness and sharpness count fully, light by its root, defects by their fourth root."""
    photo = evidence(
        faces=(face(0.8),),
        focus=focus(0.5),
        defects=dict.fromkeys(("too_dark", "too_bright", "lens_flare", "low_quality", "noise"), 0.0),
    )
    assert judge(photo, SETTINGS).score == pytest.approx(0.4)
    dim = evidence(faces=(face(0.8),), focus=focus(0.5), defects={**photo.defects, "too_dark": 0.75})
    assert judge(dim, SETTINGS).score == pytest.approx(0.2)
    flared = evidence(faces=(face(0.8),), focus=focus(0.5), defects={**photo.defects, "lens_flare": 0.9375})
    assert judge(flared, SETTINGS).score == pytest.approx(0.2)


def test_ignored_eyes_do_not_lower_the_score() -> None:
    """Ignored eyes leave the score as it is without faces."""
    closed, none = evidence(faces=(face(0.03),)), evidence()
    assert judge(closed, PROFILES["sports"]).score == judge(none, PROFILES["sports"]).score
    assert judge(closed, SETTINGS).score < judge(none, SETTINGS).score


@pytest.mark.parametrize(
    ("sensor_white", "answer", "code"),
    [
        (None, "reject", "too_bright"),
        (0.2, "reject", "too_bright"),
        (0.0, "keep", "recoverable"),
        (0.01, "keep", "recoverable"),
    ],
)
def test_highlights_that_the_raw_holds_are_no_fault(
    sensor_white: float | None, answer: str, code: str
) -> None:
    """Where the sensor is not saturated, white in the preview is a remark, and the score does not fall."""
    light = replace(BURNT, sensor_white=sensor_white)
    photo = evidence(kind="raw", defects={"too_bright": 0.95}, exposure=light)
    verdict = judge(photo, SETTINGS)
    assert (verdict.answer, [reason.code for reason in verdict.reasons]) == (answer, [code])
    assert (verdict.score > 0.8) == (code == "recoverable")
    ignoring = SETTINGS.model_copy(update={"bright_trust": "ignore"})
    assert judge(photo, ignoring).reasons == ()

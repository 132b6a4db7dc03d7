"""Documents and screenshots: a remark of their own, never too bright."""

from __future__ import annotations

import pytest

from autocull.judge import Settings, judge, list_scores, top_labels
from autocull.judge.pages import NOT_JUDGED, judged_defects, page_kind
from autocull.judge.texts.labels import defect_labels
from autocull.measure import Page
from autocull.read.photo import Capture
from support.evidence_builders import evidence, exposure

SETTINGS = Settings()
BURNT = exposure(median=1.0, clipped_bright=0.8)
WHITE = {"too_bright": 0.99, "low_quality": 0.99}
CAMERA = Capture(camera="Canon EOS R5")


@pytest.mark.parametrize(
    ("page", "capture", "kind"),
    [
        (Page(), Capture(), None),
        (Page(text=0.5), Capture(), "document"),
        (Page(text=0.5), CAMERA, "document"),
        (Page(text=0.5, flat=0.9), Capture(), "document"),
        (Page(flat=0.9), Capture(), "screenshot"),
        (Page(flat=0.9), CAMERA, None),
        (Page(flat=0.9), Capture(shutter=0.01), None),
        (Page(blank=0.9), Capture(), None),
        (Page(text=0.29, flat=0.69), Capture(), None),
    ],
)
def test_text_makes_a_document_and_drawn_pixels_a_screenshot(
    page: Page, capture: Capture, kind: str | None
) -> None:
    """A camera photographs pages, but takes no screenshots; burnt-out pixels are no sign."""
    assert page_kind(evidence(page=page, capture=capture), SETTINGS) == kind


def test_a_raw_file_is_no_screenshot() -> None:
    """Its camera may be missing from its metadata."""
    assert page_kind(evidence(page=Page(flat=0.9), kind="raw"), SETTINGS) is None


@pytest.mark.parametrize(("page", "code"), [(Page(text=0.5), "document"), (Page(flat=0.9), "screenshot")])
def test_pages_are_kept_with_their_own_reason(page: Page, code: str) -> None:
    """Neither their white nor their compression counts, in the reasons, the score and the labels."""
    photo = evidence(page=page, capture=Capture(), exposure=BURNT, defects=WHITE)
    verdict = judge(photo, SETTINGS)
    assert (verdict.answer, [reason.code for reason in verdict.reasons]) == ("keep", [code])
    assert verdict.score > 0.8
    scores = {score.code: score for score in list_scores(photo, verdict, SETTINGS)}
    assert scores["too_bright"].outcome == scores["low_quality"].outcome == "ignored"
    assert scores["noise"].outcome == "passes"
    assert not {label.code for label in top_labels(photo, SETTINGS, 20)} & {"too_bright", "low_quality"}
    assert {"motion_blur", "defocus"} <= {label.code for label in defect_labels(photo, SETTINGS)}


def test_other_faults_of_pages_count() -> None:
    """A noisy photo of a page is doubted; the remark comes after the doubt."""
    verdict = judge(evidence(page=Page(text=0.5), defects={"noise": 0.99}), SETTINGS)
    assert [reason.code for reason in verdict.reasons] == ["noise_doubtful", "document"]


def test_pages_can_be_judged_like_photos() -> None:
    """Where the remark is switched off, the white of a page is too bright as that of a photo is."""
    ignoring = SETTINGS.model_copy(update={"page_answer": "ignore"})
    photo = evidence(page=Page(text=0.5), exposure=BURNT, defects=WHITE)
    codes = [reason.code for reason in judge(photo, ignoring).reasons]
    assert sorted(codes) == ["low_quality", "too_bright"]
    assert {criterion.name for criterion in judged_defects(photo, ignoring)} >= NOT_JUDGED
    assert not NOT_JUDGED & {criterion.name for criterion in judged_defects(photo, SETTINGS)}

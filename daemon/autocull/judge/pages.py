"""Pages of text and screenshots: what they are is remarked, and light and compression are not judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from autocull.judge.criteria import DEFECT_CRITERIA
from autocull.judge.criterion import Criterion
from autocull.judge.settings import Settings
from autocull.judge.verdict import Reason
from autocull.measure import Evidence

PageKind = Literal["document", "screenshot"]

NOT_JUDGED = frozenset({"dark", "bright", "quality"})
"""Names of the criteria that do not count for a page: its white is paper, its edges are ink."""


def page_kind(evidence: Evidence, settings: Settings) -> PageKind | None:
    """Return whether the picture is a page of text, or a screenshot; None for a photo of a scene.

    A screenshot was taken by no camera: where one is recorded, equal pixels are no sign of it.
    """
    if settings.page_answer == "ignore":
        return None
    if evidence.page.text >= settings.document_text:
        return "document"
    capture = evidence.capture
    is_camera = capture.camera is not None or capture.shutter is not None or evidence.kind == "raw"
    if not is_camera and evidence.page.flat >= settings.screenshot_flat:
        return "screenshot"
    return None


def page_remarks(evidence: Evidence, settings: Settings) -> Iterator[tuple[float, Reason]]:
    """Yield the remark on a page, with how far it is past its limit (0-1)."""
    kind = page_kind(evidence, settings)
    if kind is None:
        return
    is_document = kind == "document"
    measured = evidence.page.text if is_document else evidence.page.flat
    limit = settings.document_text if is_document else settings.screenshot_flat
    severity = (measured - limit) / (1 - limit) if limit < 1 else 1.0
    yield severity, Reason(kind, measured, limit)


def judged_defects(evidence: Evidence, settings: Settings) -> tuple[Criterion, ...]:
    """Return the criteria of the defects network that count for this picture, in their order."""
    if page_kind(evidence, settings) is None:
        return DEFECT_CRITERIA
    return tuple(each for each in DEFECT_CRITERIA if each.name not in NOT_JUDGED)

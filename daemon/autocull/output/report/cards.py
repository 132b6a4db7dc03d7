"""The card of one photo in the report: its texts, and its outlines in the page's units."""

from __future__ import annotations

import base64
import io
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from autocull.judge import (
    KIND_NAMES,
    REASON_TEXTS,
    EyeState,
    Label,
    Reason,
    Score,
    Settings,
    category_labels,
    describe,
    describe_position,
    list_scores,
    top_labels,
)
from autocull.measure import Evidence, Face, Focus
from autocull.output.json_lines import eyes_open
from autocull.output.result import Judged, Result, Unreadable
from autocull.read import Box, Capture, Frame
from autocull.series import SETS, SeriesPosition

LONG_SIDE = 1000.0
"""The long side of a picture in the units in which the page draws over it."""

VERDICTS = {
    "keep": "Keep",
    "reject": "Reject",
    "cannot_tell": "Cannot tell",
    "unreadable": "Unreadable",
}
SIGNS = {"keep": "✓", "reject": "✕", "cannot_tell": "?", "unreadable": "!"}
"""The sign of each verdict, so that no verdict is told by its colour alone."""

EYE_WORDS: dict[EyeState, str] = {
    "open": "eyes open",
    "closed": "eyes closed",
    "cannot_tell": "eyes: cannot tell",
}
_BROWSER_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SHARP, SOFT = (
    np.array([70, 200, 235]),
    np.array([245, 120, 40]),
)  # distinguishable with every kind of colour vision


@dataclass(frozen=True, slots=True)
class Outline:
    """A rectangle over the picture, in the page's units, with its text and kind."""

    x: float
    y: float
    width: float
    height: float
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One measured number, 0-1."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Sibling:
    """The position of a frame in its series: the series, the rank, and both as text ("Burst 2/5")."""

    series: str
    rank: int
    words: str
    about: str
    best: bool


@dataclass(frozen=True, slots=True)
class Card:
    """The contents of one card; every text is printable, but not yet escaped."""

    name: str
    folder: str
    files: str
    verdict: str
    verdict_words: str
    rating: int
    label: str
    flag: int
    score: float
    reasons: tuple[tuple[str, str, str], ...]
    """Code, sentence, and what the photographer can do."""
    facts: str
    about: str
    thumbnail: str
    original: str
    width: float
    height: float
    faces: tuple[Outline, ...]
    subject: Outline | None
    tiles: str
    scores: tuple[Score, ...]
    labels: tuple[Label, ...]
    """The five likeliest labels of the category and defect networks."""
    gauges: tuple[Bar, ...]
    """The scores that are shown as small bars."""
    sibling: Sibling | None = None
    """None for a single frame."""


def build_card(result: Result, thumbnail: bytes | None, settings: Settings) -> Card:
    """Return the card of one frame that was judged by `settings`; `thumbnail` is a JPEG, or None."""
    if isinstance(result, Unreadable):
        return _build_unreadable_card(result)
    return _build_judged_card(result, thumbnail, settings)


def make_printable(text: str) -> str:
    """Return the text with every invisible or invalid character replaced by its code.

    These are control characters, undecodable bytes and direction marks, with which a name could be disguised.
    """
    return "".join(map(_escape_character, text))


def _escape_character(char: str) -> str:
    category, number = unicodedata.category(char), ord(char)
    if 0xDC80 <= number <= 0xDCFF:  # a byte of a name that is not valid Unicode
        return f"\\x{number - 0xDC00:02x}"
    is_bidi_control = number in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if is_bidi_control or category in ("Cc", "Cs", "Cn", "Zl", "Zp"):
        return f"\\u{number:04x}"
    return char


def _build_judged_card(result: Judged, thumbnail: bytes | None, settings: Settings) -> Card:
    evidence, verdict, marks = result.evidence, result.verdict, result.marks
    name = make_printable(result.frame.path.name)
    scale = LONG_SIDE / max(evidence.width, evidence.height, 1)
    size = (evidence.width * scale, evidence.height * scale)
    reasons = tuple(_format_reason(reason) for reason in verdict.reasons)
    pairs = zip(evidence.faces, verdict.faces, strict=True)
    faces = tuple(_outline_face(face, state, size) for face, state in pairs)
    return Card(
        name=name,
        folder=make_printable(str(result.frame.path.parent)),
        files=make_printable(" + ".join(path.name for path in result.frame.files)),
        verdict=verdict.answer,
        verdict_words=VERDICTS[verdict.answer],
        rating=marks.rating,
        label=marks.label,
        flag=marks.flag,
        score=verdict.score,
        reasons=reasons,
        facts=make_printable(" · ".join(_format_facts(evidence, settings))),
        about=_format_alt_text(name, result, reasons),
        thumbnail=_encode_data_url(thumbnail, "image/jpeg") if thumbnail else "",
        original=_find_original_url(result.frame),
        width=size[0],
        height=size[1],
        faces=faces,
        subject=_outline_subject(evidence.focus, size),
        tiles=_encode_tile_map(evidence.focus),
        scores=tuple(
            replace(score, words=make_printable(score.words))
            for score in list_scores(evidence, verdict, settings)
        ),
        labels=tuple(top_labels(evidence, settings)),
        gauges=tuple(_build_gauges(result)),
        sibling=_build_sibling(verdict.series),
    )


def _build_unreadable_card(result: Unreadable) -> Card:
    name, message = make_printable(result.frame.path.name), make_printable(result.error.message)
    return Card(
        name=name,
        folder=make_printable(str(result.frame.path.parent)),
        files=make_printable(" + ".join(path.name for path in result.frame.files)),
        verdict="unreadable",
        verdict_words=VERDICTS["unreadable"],
        rating=0,
        label="none",
        flag=0,
        score=0.0,
        reasons=((f"error_{make_printable(result.error.code)}", message, ""),),
        facts="",
        about=f"{name}: unreadable",
        thumbnail="",
        original="",
        width=LONG_SIDE,
        height=LONG_SIDE * 2 / 3,
        faces=(),
        subject=None,
        tiles="",
        scores=(),
        labels=(),
        gauges=(),
    )


def _format_reason(reason: Reason) -> tuple[str, str, str]:
    return reason.code, make_printable(describe(reason)), REASON_TEXTS[reason.code].advice


def _build_sibling(position: SeriesPosition | None) -> Sibling | None:
    if position is None or position.size == 1:
        return None
    words = f"{KIND_NAMES[position.kind].capitalize()} {position.rank}/{position.size}"
    best = position.rank == 1 and position.kind not in SETS
    return Sibling(position.id, position.rank, words, make_printable(describe_position(position)), best)


def _format_alt_text(name: str, result: Judged, reasons: tuple[tuple[str, str, str], ...]) -> str:
    """Return the picture's description for screen readers."""
    faces = len(result.evidence.faces)
    face_text = f"; {faces} {'face' if faces == 1 else 'faces'}" if faces else ""
    reason_text = "".join(f"; {text}" for _, text, _ in reasons)
    return f"{name}: {VERDICTS[result.verdict.answer]}{face_text}{reason_text}"


def _format_facts(evidence: Evidence, settings: Settings) -> Iterator[str]:
    """Yield camera, lens, exposure, time and size as a photographer writes them, and the category."""
    capture = evidence.capture
    if capture.camera:
        yield capture.camera
    if capture.focal_length:
        yield f"{capture.focal_length:g} mm"
    if capture.aperture:
        yield f"f/{capture.aperture:.3g}"
    yield from _format_exposure(capture)
    if capture.taken:
        yield capture.taken.replace("T", " ")[:19]
    yield f"{evidence.width} × {evidence.height}"  # noqa: RUF001 - the sign for a picture's size
    kind = category_labels(evidence, settings)[0]
    yield kind.name.lower() + ("" if kind.answer == "yes" else " (not sure)")


def _format_exposure(capture: Capture) -> Iterator[str]:
    if capture.shutter and math.isfinite(capture.shutter) and capture.shutter > 0:
        is_short = capture.shutter < 0.3
        yield f"1/{1 / capture.shutter:.0f} s" if is_short else f"{capture.shutter:.3g} s"
    if capture.iso:
        yield f"ISO {capture.iso}"


def _build_gauges(result: Judged) -> Iterator[Bar]:
    yield Bar("Sharp", result.evidence.focus.sharp)
    if result.verdict.eyes_open is not None:
        yield Bar("Eyes", result.verdict.eyes_open)


def _outline_face(face: Face, state: EyeState, size: tuple[float, float]) -> Outline:
    chance = eyes_open(face)
    words = EYE_WORDS[state] if chance is None else f"{EYE_WORDS[state]}, {100 * chance:.0f} %"
    return _build_outline(face.box, size, words, state)


def _outline_subject(focus: Focus, size: tuple[float, float]) -> Outline | None:
    if focus.subject is None:
        return None
    is_soft = focus.sharp < 0.5
    words = f"{'soft' if is_soft else 'sharp'}, {100 * focus.sharp:.0f} %"
    return _build_outline(focus.subject, size, words, "soft" if is_soft else "sharp")


def _build_outline(box: Box, size: tuple[float, float], words: str, kind: str) -> Outline:
    width, height = size
    corner = box.x0 * width, box.y0 * height
    return Outline(*corner, (box.x1 - box.x0) * width, (box.y1 - box.y0) * height, words, kind)


def _encode_tile_map(focus: Focus) -> str:
    """Return the focus map as a PNG of one pixel per tile: blue is sharp, orange soft, transparent plain."""
    sharp = np.array(focus.tiles, dtype=float).clip(0, 1)
    if sharp.ndim != 2 or not sharp.size:
        return ""
    texture = np.array(focus.texture, dtype=float).clip(0, 1)
    colors = SOFT + sharp[..., None] * (SHARP - SOFT)
    alpha = 140 * np.minimum(1, texture * 2)
    pixels = np.dstack([colors, alpha]).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return _encode_data_url(file.getvalue(), "image/png")


def _find_original_url(frame: Frame) -> str:
    """Return the URL of a file of the frame that a browser can show, for the large view; else ""."""
    paths = (path for path in frame.files if path.suffix.lower() in _BROWSER_SUFFIXES)
    path: Path | None = next(paths, None)
    return path.absolute().as_uri() if path is not None else ""


def _encode_data_url(content: bytes, mime_type: str) -> str:
    return f"data:{mime_type};base64,{base64.b64encode(content).decode('ascii')}"

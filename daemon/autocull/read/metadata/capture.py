"""The facts of the exposure: from EXIF tags to `Capture`, cleaned, and the strongest source first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from autocull.read.metadata.exif import Tags
from autocull.read.photo import Capture

_MOST_LETTERS = 100
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_DATE = re.compile(r"(\d{4})[:\-](\d\d)[:\-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_FIRST_SECOND = ("1970", "01", "01", "00", "00", "00")
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_TIMES = (
    ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
    ("DateTimeDigitized", "SubSecTimeDigitized", "OffsetTimeDigitized"),
    ("DateTime", "SubSecTime", "OffsetTime"),
)


def capture_from_tags(tags: Tags, source: str) -> Capture:
    """Return the facts that the tags hold; `source` says where they come from ("exif", "preview")."""
    taken = _taken(tags)
    iso = _number(tags, "ISOSpeedRatings", "PhotographicSensitivity", "RecommendedExposureIndex")
    bias = _number(tags, "ExposureBiasValue")
    return Capture(
        taken=taken,
        taken_from=source if taken else None,
        camera=_camera(_text(tags, "Make"), _text(tags, "Model")),
        serial=_text(tags, "BodySerialNumber", "CameraSerialNumber"),
        lens=_text(tags, "LensModel"),
        focal_length=_positive(_number(tags, "FocalLength")),
        aperture=_positive(_number(tags, "FNumber")),
        shutter=_positive(_number(tags, "ExposureTime")),
        iso=int(iso) if iso and 0 < iso < 65535 else None,
        exposure_bias=bias if bias is not None and abs(bias) <= 20 else None,
    )


def capture_from_time(seconds: float, source: str) -> Capture:
    """Return only a time, given in seconds since 1970, as local time; empty where it is impossible or 0."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC).astimezone().replace(tzinfo=None)
    except (OverflowError, OSError, ValueError):
        return Capture()
    return Capture(taken=moment.isoformat(), taken_from=source) if seconds > 0 else Capture()


def strongest(captures: Iterable[Capture]) -> Capture:
    """Return each fact from the first capture that knows it; a time keeps its own source."""
    merged = Capture()
    names = [field.name for field in fields(Capture) if field.name not in ("orientation", "taken_from")]
    for capture in captures:
        known = {name: getattr(capture, name) for name in names if getattr(merged, name) is None}
        if "taken" in known:
            known["taken_from"] = capture.taken_from
        merged = replace(merged, **known)
    return merged


def clean_text(text: str) -> str | None:
    """Return the text without control characters, at most 100 letters; None if nothing is left."""
    return _UNPRINTABLE.sub(" ", text).strip()[:_MOST_LETTERS].strip() or None


def _taken(tags: Tags) -> str | None:
    """Return the best time of the tags in ISO 8601 with the sub-seconds and the offset of the same source."""
    for date, fraction, offset in _TIMES:
        moment = _moment(_text(tags, date))
        if moment:
            digits = _text(tags, fraction) or ""
            zone = _text(tags, offset) or ""
            parts = f".{digits[:9]}" if digits.isascii() and digits.isdigit() else ""
            return moment + parts + (zone if _OFFSET.fullmatch(zone) else "")
    return None


def _moment(text: str | None) -> str | None:
    """Return an EXIF date in ISO 8601; None for zeros, blanks and days that never were.

    LibRaw writes the first second of 1970 into a preview's EXIF where the RAW file has no date.
    """
    match = _DATE.match(text or "")
    if not match or match.groups() == _FIRST_SECOND:
        return None
    try:
        return datetime(*map(int, match.groups())).isoformat()  # type: ignore[arg-type] # noqa: DTZ001 - the camera's clock has no zone
    except ValueError:
        return None


def _camera(make: str | None, model: str | None) -> str | None:
    """Return "Make Model", without saying the make twice ("NIKON CORPORATION", "NIKON D7100")."""
    if not make or not model:
        return model or make
    return model if model.lower().startswith(make.split()[0].lower()) else f"{make} {model}"


def _values(tags: Tags, names: tuple[str, ...]) -> Iterable[Any]:
    """Yield the values of the tags of these names; CR3 blocks keep exposure tags in the main directory."""
    for name in names:
        for tag in (tags.get(f"EXIF {name}"), tags.get(f"Image {name}")):
            if tag is not None and getattr(tag, "values", None):
                yield tag.values


def _text(tags: Tags, *names: str) -> str | None:
    """Return the first of the tags that holds text, cleaned."""
    texts = (clean_text(values) for values in _values(tags, names) if isinstance(values, str))
    return next((text for text in texts if text), None)


def _number(tags: Tags, *names: str) -> float | None:
    """Return the first of the tags that holds a finite number."""
    for values in _values(tags, names):
        try:
            number = float(values[0])
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            continue
        if isfinite(number):
            return number
    return None


def _positive(number: float | None) -> float | None:
    """Return the number if it can be a length, an aperture or a time."""
    return number if number is not None and 0 < number < 1e5 else None

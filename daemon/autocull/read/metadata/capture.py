"""The facts of the exposure: from EXIF tags to `CaptureBody`, cleaned, and the strongest source first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from autocull.read.metadata.exif import Tags
from autocull.read.photo import Capture

_MAX_LETTERS = 100
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_DATE = re.compile(r"(\d{4})[:\-](\d\d)[:\-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_EPOCH = ("1970", "01", "01", "00", "00", "00")
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_TIME_TAGS = (
    ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
    ("DateTimeDigitized", "SubSecTimeDigitized", "OffsetTimeDigitized"),
    ("DateTime", "SubSecTime", "OffsetTime"),
)


def capture_from_tags(tags: Tags, source: str) -> Capture:
    """Return the facts that the tags hold; `source` says where they come from ("exif", "preview")."""
    time = _read_time(tags)
    iso = _first_number(tags, "ISOSpeedRatings", "PhotographicSensitivity", "RecommendedExposureIndex")
    bias = _first_number(tags, "ExposureBiasValue")
    return Capture(
        taken=time,
        taken_from=source if time else None,
        camera=_camera_name(_first_text(tags, "Make"), _first_text(tags, "Model")),
        serial=_first_text(tags, "BodySerialNumber", "CameraSerialNumber"),
        lens=_first_text(tags, "LensModel"),
        focal_length=_positive_or_none(_first_number(tags, "FocalLength")),
        aperture=_positive_or_none(_first_number(tags, "FNumber")),
        shutter=_positive_or_none(_first_number(tags, "ExposureTime")),
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


def merge_metadata(captures: Iterable[Capture]) -> Capture:
    """Return each fact from the first capture that knows it; a time keeps its own source."""
    merged = Capture()
    names = [field.name for field in fields(Capture) if field.name not in ("orientation", "taken_from")]
    for capture in captures:
        additions = {name: getattr(capture, name) for name in names if getattr(merged, name) is None}
        if "taken" in additions:
            additions["taken_from"] = capture.taken_from
        merged = replace(merged, **additions)
    return merged


def clean_text(text: str) -> str | None:
    """Return the text without control characters, at most 100 letters; None if nothing is left."""
    return _UNPRINTABLE.sub(" ", text).strip()[:_MAX_LETTERS].strip() or None


def _read_time(tags: Tags) -> str | None:
    """Return the best time of the tags in ISO 8601 with the sub-seconds and the offset of the same source."""
    for date, fraction, offset in _TIME_TAGS:
        moment = _parse_date(_first_text(tags, date))
        if moment:
            digits = _first_text(tags, fraction) or ""
            zone = _first_text(tags, offset) or ""
            subseconds = f".{digits[:9]}" if digits.isascii() and digits.isdigit() else ""
            return moment + subseconds + (zone if _OFFSET.fullmatch(zone) else "")
    return None


def _parse_date(text: str | None) -> str | None:
    """Return an EXIF date in ISO 8601; None for zeros, blanks and days that never were.

    LibRaw writes the first second of 1970 into a preview's EXIF where the RAW file has no date.
    """
    match = _DATE.match(text or "")
    if not match or match.groups() == _EPOCH:
        return None
    try:
        return datetime(*map(int, match.groups())).isoformat()  # type: ignore[arg-type] # noqa: DTZ001 - the camera's clock has no zone
    except ValueError:
        return None


def _camera_name(make: str | None, model: str | None) -> str | None:
    """Return "Make Model", without saying the make twice ("NIKON CORPORATION", "NIKON D7100")."""
    if not make or not model:
        return model or make
    return model if model.lower().startswith(make.split()[0].lower()) else f"{make} {model}"


def _iter_values(tags: Tags, names: tuple[str, ...]) -> Iterable[Any]:
    """Yield the values of the tags of these names; CR3 blocks keep exposure tags in the main directory."""
    for name in names:
        for tag in (tags.get(f"EXIF {name}"), tags.get(f"Image {name}")):
            if tag is not None and getattr(tag, "values", None):
                yield tag.values


def _first_text(tags: Tags, *names: str) -> str | None:
    """Return the first of the tags that holds text, cleaned."""
    texts = (clean_text(values) for values in _iter_values(tags, names) if isinstance(values, str))
    return next((text for text in texts if text), None)


def _first_number(tags: Tags, *names: str) -> float | None:
    """Return the first of the tags that holds a finite number."""
    for values in _iter_values(tags, names):
        try:
            number = float(values[0])
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            continue
        if isfinite(number):
            return number
    return None


def _positive_or_none(number: float | None) -> float | None:
    """Return the number if it can be a length, an aperture or a time."""
    return number if number is not None and 0 < number < 1e5 else None

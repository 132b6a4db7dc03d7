"""Capture metadata: converts EXIF tags into a cleaned `Capture` and merges several sources."""

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
_PART = r"([ \d]?\d)"
_DATE = re.compile(rf"(\d{{4}})[:\-/.]{_PART}[:\-/.]{_PART}[ T]{_PART}:{_PART}(?::{_PART}|(?!\s*:?\s*\d))")
_EPOCH = (1970, 1, 1, 0, 0, 0)
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_TIME_TAGS = (
    ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
    ("DateTimeDigitized", "SubSecTimeDigitized", "OffsetTimeDigitized"),
    ("DateTime", "SubSecTime", "OffsetTime"),
)


def capture_from_tags(tags: Tags, source: str) -> Capture:
    """Return the capture metadata of the tags; `source` ("exif", "preview") is stored with the time."""
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
    """Return a capture with only a time: `seconds` since 1970 as local time; empty if invalid or 0."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC).astimezone().replace(tzinfo=None)
    except (OverflowError, OSError, ValueError):
        return Capture()
    return Capture(taken=moment.isoformat(), taken_from=source) if seconds > 0 else Capture()


def merge_metadata(captures: Iterable[Capture]) -> Capture:
    """Return each value from the first capture that has one; a time keeps its source."""
    merged = Capture()
    names = [field.name for field in fields(Capture) if field.name not in ("orientation", "taken_from")]
    for capture in captures:
        additions = {name: getattr(capture, name) for name in names if getattr(merged, name) is None}
        if "taken" in additions:
            additions["taken_from"] = capture.taken_from
        merged = replace(merged, **additions)
    return merged


def clean_text(text: str) -> str | None:
    """Return the text without control characters, at most 100 characters; None if it is empty then."""
    return _UNPRINTABLE.sub(" ", text).strip()[:_MAX_LETTERS].strip() or None


def _read_time(tags: Tags) -> str | None:
    """Return the first valid time in ISO 8601, with sub-seconds and offset of the same group of tags."""
    for date, fraction, offset in _TIME_TAGS:
        moment = _parse_date(_first_text(tags, date))
        if moment:
            digits = _first_text(tags, fraction) or ""
            zone = _first_text(tags, offset) or ""
            has_seconds = moment.count(":") > 1
            subseconds = f".{digits[:9]}" if has_seconds and digits.isascii() and digits.isdigit() else ""
            return moment + subseconds + (zone if _OFFSET.fullmatch(zone) else "")
    return None


def _parse_date(text: str | None) -> str | None:
    """Return an EXIF date in ISO 8601; None for zeros, blanks and invalid dates.

    Cameras and phones also write slashes, dots and blanks, 24 for the first hour of the day and 60 for its
    last second, and leave out seconds. LibRaw writes the first second of 1970 into a preview's EXIF if the
    RAW file has no date.
    """
    match = _DATE.match(text or "")
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if (year, month, day, hour, minute, second) == _EPOCH:
        return None
    try:
        moment = datetime(year, month, day, hour % 24 if hour <= 24 else hour, minute, min(second, 59))  # noqa: DTZ001 - the camera's clock has no zone
    except ValueError:
        return None
    return moment.isoformat(timespec="seconds" if match[6] else "minutes")


def _camera_name(make: str | None, model: str | None) -> str | None:
    """Return "Make Model"; the model alone if it starts with the make ("NIKON D7100")."""
    if not make or not model:
        return model or make
    return model if model.lower().startswith(make.split()[0].lower()) else f"{make} {model}"


def _iter_values(tags: Tags, names: tuple[str, ...]) -> Iterable[Any]:
    """Yield the values of the tags with these names; CR3 blocks keep exposure tags in the main directory."""
    for name in names:
        for tag in (tags.get(f"EXIF {name}"), tags.get(f"Image {name}")):
            if tag is not None and getattr(tag, "values", None):
                yield tag.values


def _first_text(tags: Tags, *names: str) -> str | None:
    """Return the cleaned text of the first tag that holds text."""
    texts = (clean_text(values) for values in _iter_values(tags, names) if isinstance(values, str))
    return next((text for text in texts if text), None)


def _first_number(tags: Tags, *names: str) -> float | None:
    """Return the number of the first tag that holds a finite one."""
    for values in _iter_values(tags, names):
        try:
            number = float(values[0])
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            continue
        if isfinite(number):
            return number
    return None


def _positive_or_none(number: float | None) -> float | None:
    """Return the number if it is in the range of a length, an aperture or a time, else None."""
    return number if number is not None and 0 < number < 1e5 else None

"""Reading fixtures: they come from other people and older versions, so every number is looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from autocull.errors import ManifestError
from autocull.marks.fixture import FORMAT, VERSION, Case, Fixture, nameless
from autocull.measure.evidence import Evidence

LARGEST = 256 * 2**20
"""Bytes that a fixture may have; a photo needs about 3,000."""

DEFECTS = ("too_dark", "too_bright", "motion_blur", "defocus", "lens_flare", "low_quality", "noise")
CATEGORIES = ("people", "landscape", "architecture_city", "animals", "food", "macro_plants", "other")

_RANGES = {
    **dict.fromkeys(("open", "score", "prominence", "mesh_score", "sharp", "defocus", "motion"), (0, 1)),
    **dict.fromkeys(("tiles", "texture", "faces", "median", "low", "high"), (0, 1)),
    **dict.fromkeys(("clipped_dark", "clipped_bright", "defects", "category"), (0, 1)),
    **dict.fromkeys(("yaw", "pitch", "roll"), (-360, 360)),
    "rating": (1, 5),
    "flag": (-1, 1),
    **dict.fromkeys(("size", "aspect"), (0, 10_000_000)),
    **dict.fromkeys(("width", "height", "number"), (1, 10_000_000)),
}
_WIDEST = (-1e7, 1e7)
_ROUNDING = 1e-3  # what networks that run in single precision may be beyond a share's ends

Fault = tuple[str, str]
"""A place in the file, and what is wrong there."""


def read_fixture(file: Path) -> Fixture:
    """Read a fixture; raises ManifestError, which names the file, the place in it and what is wrong."""
    content = _content(file)
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _wrong(file, ("the file", f"it is no JSON ({error})")) from error
    _check_head(file, raw)
    try:
        fixture = _reader().validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise _wrong(file, (_place(first["loc"]), first["msg"])) from error
    for fault in _faults(fixture, raw):
        raise _wrong(file, fault)
    return fixture


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise ManifestError(f"{file} is too large for a fixture. Export the folder in parts.")
        return file.read_bytes()
    except OSError as error:
        raise ManifestError(f"The fixture {file} cannot be read: {error.strerror}.") from error


@cache
def _reader() -> TypeAdapter[Fixture]:
    return TypeAdapter(Fixture)


def _check_head(file: Path, raw: Any) -> None:
    """Refuse what is no fixture, and one of another version, before its fields are looked at."""
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise _wrong(file, ("format", f"a fixture says {FORMAT!r} there"))
    version = raw.get("version")
    if type(version) is not int or version < 1:
        raise _wrong(file, ("version", "it is no version number"))
    if version != VERSION:
        raise ManifestError(
            f"The fixture {file} was written by a newer Autocull than this one. Update Autocull."
        )


def _wrong(file: Path, fault: Fault) -> ManifestError:
    where, what = fault
    message = f"{file} is no usable fixture: {where[:200]}: {what[:200]}."
    return ManifestError(f"{message} Write it anew with `autocull export-fixture`.")


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the file"


def _faults(fixture: Fixture, raw: Any) -> Iterator[Fault]:
    """Yield what is wrong beyond the types: fields too few or too many, shapes, names and ranges."""
    yield from _differences(raw, _reader().dump_python(fixture, mode="json"), "")
    if not fixture.photos:
        yield "photos", "there are none"
    for place, case in enumerate(fixture.photos):
        yield from _faults_of(case, raw["photos"][place], f"photos.{place}")


def _differences(given: Any, read: Any, place: str) -> Iterator[Fault]:
    """Yield the fields that were given and not read, or read (as a default) and not given."""
    if isinstance(given, dict) and isinstance(read, dict):
        for name in [*given, *read]:
            if name not in read:
                yield f"{place}{name}", "the field is not known"
            elif name not in given:
                yield f"{place}{name}", "the field is missing"
            else:
                yield from _differences(given[name], read[name], f"{place}{name}.")
    elif isinstance(given, list) and isinstance(read, list):
        for number, pair in enumerate(zip(given, read, strict=True)):
            yield from _differences(*pair, f"{place}{number}.")


def _faults_of(case: Case, raw: Any, place: str) -> Iterator[Fault]:
    seen = case.evidence
    yield from _numbers(raw, place, "")
    for name, labels, found in (
        ("defects", DEFECTS, seen.defects),
        ("category", CATEGORIES, seen.category),
    ):
        if set(labels) - set(found):
            yield f"{place}.evidence.{name}", f"{', '.join(sorted(set(labels) - set(found)))} is missing"
    if seen.capture != nameless(seen).capture:
        yield f"{place}.evidence.capture", "it says whose photo this is, or when it was taken"
    if seen.likeness != nameless(seen).likeness:
        yield f"{place}.evidence.likeness", "it says what the photo looks like"
    if case.marks.flag == 0:
        yield f"{place}.marks.flag", "a flag is 1, -1 or null"
    if not _is_grid(seen):
        yield f"{place}.evidence.focus.tiles", "tiles and texture must be grids of the same shape"


def _is_grid(seen: Evidence) -> bool:
    shapes = [[len(row) for row in grid] for grid in (seen.focus.tiles, seen.focus.texture)]
    return shapes[0] == shapes[1] and bool(shapes[0]) and len(set(shapes[0])) == 1 and shapes[0][0] > 0


def _numbers(value: Any, place: str, name: str) -> Iterator[Fault]:
    """Yield each number out of its range; a list's elements have the range of its name."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _numbers(each, f"{place}.{key}", key if name not in ("defects", "category") else name)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _numbers(each, f"{place}.{number}", name)
    elif isinstance(value, (int, float)):
        low, high = _RANGES.get(name, _WIDEST)
        if not low - _ROUNDING <= value <= high + _ROUNDING:
            yield place, f"{value} is not between {low:g} and {high:g}"

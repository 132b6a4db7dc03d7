"""The page about a taste, in pictures: for the photographer herself: it shows small copies of photos."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from autocull.atomic_write import whole_file
from autocull.errors import MarksError
from autocull.judge import Settings
from autocull.learn.messages import sentences
from autocull.learn.report_data import SIGNALS, Curve, bins, curve, disagreements, signals, thinned
from autocull.learn.training import Lesson
from autocull.output.html import page_environment
from autocull.output.report.cards import printable
from autocull.taste.profile_store import PAGE_MARK

_WORST = 12
_RECALLS = (0.9, 0.95, 0.98, 1.0)
_SIDE = 100

Thumbnail = Callable[[int], bytes | None]
"""The small JPEG of an example, by its number."""


class Line(NamedTuple):
    """A line in a chart of 100 x 100: whose it is, and its points as SVG wants them."""

    whose: str
    points: str


class Photo(NamedTuple):
    """A photo as the page shows it."""

    name: str
    chance: float
    picture: str | None


def write_page(
    lesson: Lesson, names: Sequence[Path], thumbnail: Thumbnail, settings: Settings, path: Path
) -> None:
    """Write the page to `path`, whole or not at all; raises MarksError where it cannot be written.

    `names` are the examples' files; of `settings`, those count by which a taste acts.
    """
    page = (
        page_environment("autocull.learn")
        .get_template("taste.html.j2")
        .render(**content(lesson, names, thumbnail, settings))
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(page.encode())
    except OSError as error:
        raise MarksError(path, f"The report {path} cannot be written: {error.strerror}.") from error


def content(
    lesson: Lesson, names: Sequence[Path], thumbnail: Thumbnail, settings: Settings
) -> dict[str, Any]:
    """Say all that the page shows, by the names in its template."""
    examples, low_high = lesson.examples, disagreements(lesson, _WORST)
    missed = [(SIGNALS[group], max(0.0, lost)) for group, lost in signals(lesson)]
    taste, plain = curve(examples.selected, lesson.blind), curve(examples.selected, examples.plain)
    low, high = (_photos(lesson, rows, names, thumbnail) for rows in low_high)
    return {
        "mark": PAGE_MARK,
        "title": printable(lesson.profile.name),
        "sentences": sentences(lesson, settings),
        "precision": _lines(taste, plain, lambda each: zip(each.recall, each.precision, strict=True)),
        "looked": _lines(taste, plain, lambda each: zip(each.recall, each.looked, strict=True)),
        "recalls": [(recall, taste.looked_at(recall), plain.looked_at(recall)) for recall in _RECALLS],
        "bins": bins(lesson),
        "photos_in_all": len(examples),
        "calibration": lesson.profile.figures["calibration_error"],
        "signals": missed,
        "most": max(missed[0][1], 1e-9),
        "low": low,
        "high": high,
    }


def _lines(
    taste: Curve, plain: Curve, points: Callable[[Curve], Iterable[tuple[float, float]]]
) -> tuple[Line, Line]:
    both = (("plain", plain), ("taste", taste))
    return tuple(Line(whose, _points(points(thinned(found)))) for whose, found in both)  # type: ignore[return-value]


def _points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_SIDE * x:.1f},{_SIDE * (1 - y):.1f}" for x, y in pairs)


def _photos(lesson: Lesson, rows: Sequence[int], names: Sequence[Path], thumbnail: Thumbnail) -> list[Photo]:
    return [
        Photo(printable(names[row].name), float(lesson.blind[row]), _embedded(thumbnail(row))) for row in rows
    ]


def _embedded(small: bytes | None) -> str | None:
    return None if small is None else "data:image/jpeg;base64," + base64.b64encode(small).decode("ascii")

"""The page about a taste, in pictures: for the photographer herself: it shows small copies of photos."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from autocull.atomic_write import atomic_write
from autocull.errors import MarksError
from autocull.judge import Settings
from autocull.learn.messages import format_sentences
from autocull.learn.report_data import (
    GROUP_TITLES,
    RecallCurve,
    compute_bins,
    compute_curve,
    compute_importance,
    find_disagreements,
    thin_curve,
)
from autocull.learn.training import TrainedTaste
from autocull.output.html import create_page_environment
from autocull.output.report.cards import make_printable
from autocull.taste.profile_store import PAGE_MARK

_MAX_DISAGREEMENTS = 12
_RECALLS = (0.9, 0.95, 0.98, 1.0)
_SIDE = 100

ThumbnailFunction = Callable[[int], bytes | None]
"""The small JPEG of an example, by its number."""


class ChartLine(NamedTuple):
    """A line in a chart of 100 x 100: whose it is, and its points as SVG wants them."""

    whose: str
    points: str


class PagePhoto(NamedTuple):
    """A photo as the page shows it."""

    name: str
    chance: float
    picture: str | None


def write_page(
    trained: TrainedTaste, names: Sequence[Path], thumbnail: ThumbnailFunction, settings: Settings, path: Path
) -> None:
    """Write the page to `path`, whole or not at all; raises MarksError where it cannot be written.

    `names` are the examples' files; of `settings`, those count by which a taste acts.
    """
    page = (
        create_page_environment("autocull.learn")
        .get_template("taste.html.j2")
        .render(**build_context(trained, names, thumbnail, settings))
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(page.encode())
    except OSError as error:
        raise MarksError(path, f"The report {path} cannot be written: {error.strerror}.") from error


def build_context(
    trained: TrainedTaste, names: Sequence[Path], thumbnail: ThumbnailFunction, settings: Settings
) -> dict[str, Any]:
    """Say all that the page shows, by the names in its template."""
    examples, low_high = trained.examples, find_disagreements(trained, _MAX_DISAGREEMENTS)
    importance = [(GROUP_TITLES[group], max(0.0, loss)) for group, loss in compute_importance(trained)]
    taste, plain = (
        compute_curve(examples.selected, trained.oof_probability),
        compute_curve(examples.selected, examples.plain_score),
    )
    low, high = (_page_photos(trained, rows, names, thumbnail) for rows in low_high)
    return {
        "mark": PAGE_MARK,
        "title": make_printable(trained.profile.name),
        "sentences": format_sentences(trained, settings),
        "precision": _chart_lines(taste, plain, lambda each: zip(each.recall, each.precision, strict=True)),
        "looked": _chart_lines(taste, plain, lambda each: zip(each.recall, each.viewed_share, strict=True)),
        "recalls": [
            (recall, taste.viewed_share_at(recall), plain.viewed_share_at(recall)) for recall in _RECALLS
        ],
        "bins": compute_bins(trained),
        "photos_in_all": len(examples),
        "calibration": trained.profile.metrics["calibration_error"],
        "signals": importance,
        "most": max(importance[0][1], 1e-9),
        "low": low,
        "high": high,
    }


def _chart_lines(
    taste: RecallCurve, plain: RecallCurve, points: Callable[[RecallCurve], Iterable[tuple[float, float]]]
) -> tuple[ChartLine, ChartLine]:
    curves = (("plain", plain), ("taste", taste))
    return tuple(
        ChartLine(name, _format_points(points(thin_curve(full_curve)))) for name, full_curve in curves
    )  # type: ignore[return-value]


def _format_points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_SIDE * x:.1f},{_SIDE * (1 - y):.1f}" for x, y in pairs)


def _page_photos(
    trained: TrainedTaste, rows: Sequence[int], names: Sequence[Path], thumbnail: ThumbnailFunction
) -> list[PagePhoto]:
    return [
        PagePhoto(
            make_printable(names[row].name), float(trained.oof_probability[row]), _to_data_uri(thumbnail(row))
        )
        for row in rows
    ]


def _to_data_uri(jpeg: bytes | None) -> str | None:
    return None if jpeg is None else "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")

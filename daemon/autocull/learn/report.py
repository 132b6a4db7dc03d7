"""The HTML report about a taste: curves, calibration, signals, and thumbnails of surprising photos."""

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
from autocull.output import create_page_environment, make_printable
from autocull.taste import PAGE_MARK

_MAX_DISAGREEMENTS = 12
_RECALLS = (0.9, 0.95, 0.98, 1.0)
_CHART_SIDE = 100

ThumbnailFunction = Callable[[int], bytes | None]
"""Returns the small JPEG of an example, given its row."""


class ChartLine(NamedTuple):
    """One line of a 100 x 100 chart: its CSS class, and its points in SVG syntax."""

    css_class: str
    points: str


class PagePhoto(NamedTuple):
    """One photo on the page; `thumbnail` is a data URI."""

    name: str
    probability: float
    thumbnail: str | None


def write_page(
    trained: TrainedTaste, paths: Sequence[Path], thumbnail: ThumbnailFunction, settings: Settings, path: Path
) -> None:
    """Write the page to `path` atomically; raises MarksError if it cannot be written.

    `paths` are the files of the examples; of `settings` only `select_min` and `select_loss` matter.
    """
    page = (
        create_page_environment("autocull.learn")
        .get_template("taste.html.j2")
        .render(**build_context(trained, paths, thumbnail, settings))
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(page.encode())
    except OSError as error:
        raise MarksError(path, f"The report {path} cannot be written: {error.strerror}.") from error


def build_context(
    trained: TrainedTaste, paths: Sequence[Path], thumbnail: ThumbnailFunction, settings: Settings
) -> dict[str, Any]:
    """Return the template's variables."""
    examples, disagreements = trained.examples, find_disagreements(trained, _MAX_DISAGREEMENTS)
    importance = [(GROUP_TITLES[group], max(0.0, loss)) for group, loss in compute_importance(trained)]
    taste, plain = (
        compute_curve(examples.selected, trained.oof_probability),
        compute_curve(examples.selected, examples.plain_score),
    )
    low, high = (_build_page_photos(trained, rows, paths, thumbnail) for rows in disagreements)
    return {
        "mark": PAGE_MARK,
        "title": make_printable(trained.profile.name),
        "sentences": format_sentences(trained, settings),
        "precision": _build_chart_lines(
            taste, plain, lambda each: zip(each.recall, each.precision, strict=True)
        ),
        "viewed": _build_chart_lines(
            taste, plain, lambda each: zip(each.recall, each.viewed_share, strict=True)
        ),
        "recalls": [
            (recall, taste.viewed_share_at(recall), plain.viewed_share_at(recall)) for recall in _RECALLS
        ],
        "bins": compute_bins(trained),
        "photo_count": len(examples),
        "calibration": trained.profile.metrics["calibration_error"],
        "signals": importance,
        "largest_loss": max(importance[0][1], 1e-9),
        "low": low,
        "high": high,
    }


def _build_chart_lines(
    taste: RecallCurve, plain: RecallCurve, points_of: Callable[[RecallCurve], Iterable[tuple[float, float]]]
) -> tuple[ChartLine, ChartLine]:
    curves = (("plain", plain), ("taste", taste))
    return tuple(
        ChartLine(name, _format_points(points_of(thin_curve(full_curve)))) for name, full_curve in curves
    )  # type: ignore[return-value]


def _format_points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_CHART_SIDE * x:.1f},{_CHART_SIDE * (1 - y):.1f}" for x, y in pairs)


def _build_page_photos(
    trained: TrainedTaste, rows: Sequence[int], paths: Sequence[Path], thumbnail: ThumbnailFunction
) -> list[PagePhoto]:
    return [
        PagePhoto(
            make_printable(paths[row].name), float(trained.oof_probability[row]), _to_data_uri(thumbnail(row))
        )
        for row in rows
    ]


def _to_data_uri(jpeg: bytes | None) -> str | None:
    return None if jpeg is None else "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")

"""Operating curves as one SVG picture: a panel for each limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import sqrt

from autocull.train.verdicts.curves import CurvePoint, OperatingCurve

_COLUMNS, _WIDTH, _HEIGHT, _MARGIN = 3, 320, 280, 48
_PLOT_WIDTH, _PLOT_HEIGHT = _WIDTH - _MARGIN - 16, _HEIGHT - _MARGIN - 44
_HARM_TICKS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
_STYLE = (
    "text{font:11px sans-serif;fill:#333} .title{font-weight:bold} .axis{stroke:#888;fill:none}"
    " .grid{stroke:#ddd} .target{stroke:#c60;stroke-dasharray:4 3}"
    " .curve{stroke:#06c;fill:none;stroke-width:2}"
    " .shipped{fill:#06c} .chosen{fill:none;stroke:#c60;stroke-width:2}"
)


def draw_curves(curves: Sequence[OperatingCurve]) -> str:
    """Draw the curves; harm is on a square-root scale, so that small shares can be read.

    The dashed line is the target of harm, the dot the limit in use, the ring the highest recall within the
    target.
    """
    rows = max(1, -(-len(curves) // _COLUMNS))
    columns = max(1, min(_COLUMNS, len(curves)))
    width, height = columns * _WIDTH, rows * _HEIGHT
    panels = [
        f'<g transform="translate({index % _COLUMNS * _WIDTH},{index // _COLUMNS * _HEIGHT})">'
        + "".join(_draw_panel(curve))
        + "</g>"
        for index, curve in enumerate(curves)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>Operating curves: harm and recall</title>'
        f"<style>{_STYLE}</style>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n' + "\n".join(panels) + "\n</svg>\n"
    )


def _draw_panel(curve: OperatingCurve) -> Iterator[str]:
    answer = "rejected or doubted" if curve.doubts else "rejected"
    kinds = ", ".join(kind.replace("_", " ") for kind in curve.kinds)
    good, faulty = curve.points[0].harm.of, curve.points[0].recall.of
    yield f'<text class="title" x="{_MARGIN}" y="16">{escape(curve.setting)}: {escape(kinds)}</text>'
    shipped = curve.points[curve.shipped].limit
    yield f'<text x="{_MARGIN}" y="30">limit {shipped:.3g}; {faulty} faulty, {good} good, {answer}</text>'
    yield from _draw_axes()
    target = _x(curve.target)
    yield f'<line class="target" x1="{target:.1f}" y1="{_y(0):.1f}" x2="{target:.1f}" y2="{_y(1):.1f}"/>'
    ordered = sorted(curve.points, key=lambda point: (point.harm.share or 0.0, point.recall.share or 0.0))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(_position, ordered))
    yield f'<polyline class="curve" points="{points}"/>'
    x, y = _position(curve.points[curve.shipped])
    yield f'<circle class="shipped" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
    if curve.chosen is not None:
        x, y = _position(curve.points[curve.chosen])
        limit = curve.points[curve.chosen].limit
        yield f'<circle class="chosen" cx="{x:.1f}" cy="{y:.1f}" r="8"><title>{limit:.3g}</title></circle>'


def _draw_axes() -> Iterator[str]:
    for harm in _HARM_TICKS:
        x = _x(harm)
        yield f'<line class="grid" x1="{x:.1f}" y1="{_y(0):.1f}" x2="{x:.1f}" y2="{_y(1):.1f}"/>'
        yield f'<text x="{x:.1f}" y="{_y(0) + 14:.1f}" text-anchor="middle">{100 * harm:g}</text>'
    for recall in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(recall)
        yield f'<line class="grid" x1="{_x(0):.1f}" y1="{y:.1f}" x2="{_x(1):.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * recall:g}</text>'
    yield f'<text x="{_x(0.25):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">harm to good photos, %</text>'
    yield f'<text x="12" y="{_y(0.5):.1f}" text-anchor="middle" transform="rotate(-90 12 {_y(0.5):.1f})">'
    yield "faults found, %</text>"


def _position(point: CurvePoint) -> tuple[float, float]:
    return _x(point.harm.share or 0.0), _y(point.recall.share or 0.0)


def _x(harm: float) -> float:
    return _MARGIN + _PLOT_WIDTH * sqrt(harm)


def _y(recall: float) -> float:
    return 36 + _PLOT_HEIGHT * (1 - recall)

"""Progress: rate and time left, in a terminal and without one."""

from __future__ import annotations

import io
import json
from itertools import count

from rich.console import Console

from autocull.cli.progress import INTERVAL, ProgressEstimate, show_progress


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_rate_counts_measured_photos_only() -> None:
    """Photos from the store come first and at once, and do not raise the rate."""
    clock = Clock()
    estimate = ProgressEstimate(1010, clock)
    for _ in range(1000):
        estimate.advance(measured=False)
    clock.now += 2
    estimate.advance(measured=True)
    estimate.advance(measured=True)
    assert estimate.format_line() == "1,002 of 1,010 photos · 1.0 photos/s · 8 s left"


def test_line_before_the_first_measured_photo() -> None:
    """The line shows that the run is starting, and no rate."""
    clock = Clock()
    estimate = ProgressEstimate(3, clock)
    assert estimate.format_line() == "0 of 3 photos · starting"
    estimate.advance(measured=True)
    assert estimate.format_line() == "1 of 3 photos · starting"
    clock.now += 1
    assert estimate.format_line() == "1 of 3 photos · 1.0 photos/s · 2 s left"


def test_run_without_measuring_has_no_rate() -> None:
    """The line shows the count only."""
    estimate = ProgressEstimate(2, Clock())
    estimate.advance(measured=False)
    estimate.advance(measured=False)
    assert estimate.format_line() == "2 of 2 photos"


def test_lines_are_printed_at_intervals_without_a_terminal() -> None:
    """One line before the first photo, one after it, the next ones every few seconds."""
    clock, out = Clock(), io.StringIO()
    with show_progress(Console(file=out, width=100), 100, clock) as on_progress:
        assert out.getvalue() == "0 of 100 photos · starting\n"
        for _ in range(50):
            clock.now += INTERVAL / 10
            on_progress(True)
    lines = out.getvalue().splitlines()
    assert lines[1] == "1 of 100 photos · 2.0 photos/s · 50 s left"
    assert len(lines) == 6
    assert lines[-1].startswith("41 of 100 photos · 2.0 photos/s")


def test_terminal_shows_a_bar_and_the_line() -> None:
    """The bar is removed at the end."""
    out, ticks = io.StringIO(), count()
    console = Console(file=out, force_terminal=True, width=100)
    with show_progress(console, 3, lambda: float(next(ticks))) as on_progress:
        on_progress(True)
    assert "photos" in out.getvalue()
    assert "━" in out.getvalue()


def test_progress_as_json_has_one_object_per_line() -> None:
    """Without a bar even in a terminal, unbroken in a narrow one; the last line has all photos."""
    clock, out = Clock(), io.StringIO()
    console = Console(file=out, force_terminal=True, width=20)
    with show_progress(console, 1200, clock, as_json=True) as on_progress:
        for number in range(1200):
            clock.now += 0.5
            on_progress(number >= 200)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0] == {"done": 0, "total": 1200, "rate": None, "seconds_left": None}
    assert {"done": 601, "total": 1200, "rate": 2.0, "seconds_left": 299.5} in lines
    assert lines[-1] == {"done": 1200, "total": 1200, "rate": 2.0, "seconds_left": 0.0}

"""Progress: rate and time left from the first second, in a terminal and without one."""

from __future__ import annotations

import io
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


def test_the_rate_is_that_of_measured_photos() -> None:
    """Photos from the store come first and at once: they do not make the rest look fast."""
    clock = Clock()
    pace = ProgressEstimate(1010, clock)
    for _ in range(1000):
        pace.advance(measured=False)
    clock.now += 2
    pace.advance(measured=True)
    pace.advance(measured=True)
    assert pace.format_line() == "1,002 of 1,010 photos · 1.0 photos/s · 8 s left"


def test_something_is_said_before_the_first_photo() -> None:
    """Until a photo is measured the line says that the run is starting, and never divides by nothing."""
    clock = Clock()
    pace = ProgressEstimate(3, clock)
    assert pace.format_line() == "0 of 3 photos · starting"
    pace.advance(measured=True)
    assert pace.format_line() == "1 of 3 photos · starting"
    clock.now += 1
    assert pace.format_line() == "1 of 3 photos · 1.0 photos/s · 2 s left"


def test_a_run_from_the_store_alone_ends_with_all_done() -> None:
    """When nothing is measured, there is no rate to speak of."""
    pace = ProgressEstimate(2, Clock())
    pace.advance(measured=False)
    pace.advance(measured=False)
    assert pace.format_line() == "2 of 2 photos"


def test_without_a_terminal_there_is_a_line_at_once_and_now_and_then() -> None:
    """The first line comes before the first photo, one with it, the next ones every few seconds."""
    clock, out = Clock(), io.StringIO()
    with show_progress(Console(file=out, width=100), 100, clock) as step:
        assert out.getvalue() == "0 of 100 photos · starting\n"
        for _ in range(50):
            clock.now += INTERVAL / 10
            step(True)
    lines = out.getvalue().splitlines()
    assert lines[1] == "1 of 100 photos · 2.0 photos/s · 50 s left"
    assert len(lines) == 6
    assert lines[-1].startswith("41 of 100 photos · 2.0 photos/s")


def test_in_a_terminal_there_is_a_bar_with_the_line() -> None:
    """The bar shows the pace and is gone at the end, so that the table stands alone."""
    out, ticks = io.StringIO(), count()
    console = Console(file=out, force_terminal=True, width=100)
    with show_progress(console, 3, lambda: float(next(ticks))) as step:
        step(True)
    assert "photos" in out.getvalue()
    assert "━" in out.getvalue()

"""Progress of a run: a bar in a terminal, otherwise a line of text or JSON every few seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task
from rich.text import Text

from autocull.cli.formatting import format_duration, format_photos

INTERVAL = 5.0
"""Seconds between two lines if the output is not a terminal."""

Clock = Callable[[], float]


@dataclass(slots=True)
class ProgressEstimate:
    """Counts finished photos, and estimates the rate and the time left.

    Photos with stored evidence come first and take no time, so the rate counts only the others.
    """

    total: int
    clock: Clock = time.monotonic
    done: int = 0
    _cached: int = 0
    _rate_start: float = field(init=False)

    def __post_init__(self) -> None:
        self._rate_start = self.clock()

    def advance(self, *, measured: bool) -> None:
        """Count one photo; `measured` is False if its evidence came from the store."""
        self.done += 1
        if not measured:
            self._cached = self.done
            self._rate_start = self.clock()

    def rate(self) -> float | None:
        """Return the measured photos per second, None before the first one."""
        elapsed = self.clock() - self._rate_start
        return None if self.done == self._cached or elapsed <= 0 else (self.done - self._cached) / elapsed

    def format_line(self) -> str:
        """Return the line: "120 of 2,400 photos · 8.3 photos/s · 4 min 35 s left"."""
        text = f"{self.done:,} of {format_photos(self.total)}"
        rate = self.rate()
        if rate is None:
            return text if self.done == self.total else f"{text} · starting"
        remaining = format_duration((self.total - self.done) / rate)
        return f"{text} · {rate:.1f} photos/s · {remaining} left"

    def format_json(self) -> str:
        """Return a JSON object: photos `done` and `total`, `rate` (photos per second) and `seconds_left`."""
        rate = self.rate()
        return json.dumps(
            {
                "done": self.done,
                "total": self.total,
                "rate": None if rate is None else round(rate, 2),
                "seconds_left": None if rate is None else round((self.total - self.done) / rate, 1),
            }
        )


class _EstimateColumn(ProgressColumn):
    """The line of a progress estimate, updated at each refresh."""

    def __init__(self, estimate: ProgressEstimate) -> None:
        self._estimate = estimate
        super().__init__()

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's signature
        """Return the line of the estimate."""
        return Text(self._estimate.format_line())


@contextmanager
def show_progress(
    console: Console, total: int, clock: Clock = time.monotonic, *, as_json: bool = False
) -> Iterator[Callable[[bool], None]]:
    """Show the progress on `console`; yields a callback to call per photo, with whether it was measured.

    With `as_json` there is no bar, and each line is an object of `ProgressEstimate.format_json`.
    """
    estimate = ProgressEstimate(total, clock)
    if as_json:
        yield _print_lines(console, estimate, estimate.format_json)
    elif console.is_terminal:
        with Progress(BarColumn(), _EstimateColumn(estimate), console=console, transient=True) as bar:
            task = bar.add_task("", total=total)

            def on_progress(measured: bool) -> None:
                estimate.advance(measured=measured)
                bar.advance(task)

            yield on_progress
    else:
        yield _print_lines(console, estimate, estimate.format_line)


def _print_lines(
    console: Console, estimate: ProgressEstimate, format_line: Callable[[], str]
) -> Callable[[bool], None]:
    """Print a line at once, after the first and last photo, and between them every `INTERVAL` seconds."""
    last_printed = estimate.clock()
    console.out(format_line(), highlight=False)

    def on_progress(measured: bool) -> None:
        nonlocal last_printed
        estimate.advance(measured=measured)
        is_due = estimate.clock() - last_printed >= INTERVAL
        if is_due or estimate.done in (1, estimate.total):
            last_printed = estimate.clock()
            console.out(format_line(), highlight=False)

    return on_progress

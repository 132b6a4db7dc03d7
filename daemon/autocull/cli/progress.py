"""How far the run is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task
from rich.text import Text

from autocull.cli.formatting import duration, photos

EVERY = 5.0
"""Seconds between two lines where there is no terminal."""

Clock = Callable[[], float]


@dataclass(slots=True)
class Pace:
    """How many of `total` photos are done, how fast, and how long the rest takes.

    Photos that the store knows come first and cost nothing, so the rate is that of the others.
    """

    total: int
    clock: Clock = time.monotonic
    done: int = 0
    _known: int = 0
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.clock()

    def step(self, *, measured: bool) -> None:
        """Count one photo, measured or known."""
        self.done += 1
        if not measured:
            self._known = self.done
            self._since = self.clock()

    def line(self) -> str:
        """Say it: "120 of 2,400 · 8.3 photos/s · 4 min 35 s left"."""
        said = f"{self.done:,} of {photos(self.total)}"
        elapsed = self.clock() - self._since
        if self.done == self._known or elapsed <= 0:
            return said if self.done == self.total else f"{said} · starting"
        rate = (self.done - self._known) / elapsed
        left = duration((self.total - self.done) / rate)
        return f"{said} · {rate:.1f} photos/s · {left} left"


class _Line(ProgressColumn):
    """The pace, as it is at each refresh."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        super().__init__()

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich calls it so
        """Write the pace's line."""
        return Text(self._pace.line())


@contextmanager
def showing(console: Console, total: int, clock: Clock = time.monotonic) -> Iterator[Callable[[bool], None]]:
    """Show the progress on `console`; call what this gives once per photo, with whether it was measured."""
    pace = Pace(total, clock)
    if console.is_terminal:
        with Progress(BarColumn(), _Line(pace), console=console, transient=True) as bar:
            task = bar.add_task("", total=total)

            def step(measured: bool) -> None:
                pace.step(measured=measured)
                bar.advance(task)

            yield step
    else:
        yield _lines(console, pace)


def _lines(console: Console, pace: Pace) -> Callable[[bool], None]:
    """Write a line at once, with the first photo, and then whenever `EVERY` seconds have passed."""
    written = pace.clock()
    console.print(pace.line(), highlight=False)

    def step(measured: bool) -> None:
        nonlocal written
        pace.step(measured=measured)
        if pace.done == 1 or pace.clock() - written >= EVERY:
            written = pace.clock()
            console.print(pace.line(), highlight=False)

    return step

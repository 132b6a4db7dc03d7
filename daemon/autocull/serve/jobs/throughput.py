"""The speed of a job in photos per second, over a sliding window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW = 15.0
"""Seconds over which the rate is computed."""

_MIN_SPAN = 0.001  # seconds; a shorter span gives no meaningful rate, down to an infinite one


class Rate:
    """Photos per second over the last `WINDOW` seconds; `elapsed` is a monotonic clock.

    One thread may call `add` while others call `value`.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._start = elapsed()
        self._samples: deque[tuple[float, int]] = deque()
        self._lock = Lock()

    def add(self, photos: int) -> None:
        """Count photos that have just been done."""
        with self._lock:
            self._samples.append((self._elapsed(), photos))
            self._drop()

    def value(self) -> float | None:
        """Return the rate; None before the first photo, or if none was done within the window."""
        with self._lock:
            self._drop()
            photos = sum(count for _, count in self._samples)
        span = min(WINDOW, self._elapsed() - self._start)
        return photos / span if photos and span >= _MIN_SPAN else None

    def _drop(self) -> None:
        while self._samples and self._samples[0][0] < self._elapsed() - WINDOW:
            self._samples.popleft()

"""The rate of a job: over the last seconds, never negative, and None when it is undefined."""

from __future__ import annotations

from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from autocull.serve.jobs.throughput import WINDOW, Rate
from support.job_fixtures import Clock


def test_rate_covers_the_last_seconds() -> None:
    """A slow beginning drops out of the window; a pause shows."""
    clock = Clock(0)
    rate = Rate(clock)
    assert rate.value() is None
    for _ in range(10):
        clock.now += 10
        rate.add(1)
    assert rate.value() == 2 / WINDOW
    for _ in range(100):
        clock.now += 0.5
        rate.add(2)
    assert rate.value() is not None
    assert abs(rate.value() - 4) < 0.3
    clock.now += WINDOW + 1
    assert rate.value() is None


def test_several_photos_may_be_added_at_once() -> None:
    """One result may stand for several photos; at the first moment the rate is None."""
    clock = Clock(5)
    rate = Rate(clock)
    rate.add(3)
    assert rate.value() is None
    clock.now += 1.5
    assert rate.value() == 2


def test_value_and_add_may_run_in_two_threads() -> None:
    """No photo is miscounted, and nothing is raised."""
    clock = Clock(0)
    rate, finished, errors = Rate(clock), Event(), list[Exception]()

    def read_values() -> None:
        while not finished.is_set():
            try:
                rate.value()
            except Exception as error:  # noqa: BLE001 - any error fails the test
                errors.append(error)

    thread = Thread(target=read_values, daemon=True)
    thread.start()
    try:
        for _ in range(1_000):  # each waits for the other thread, some milliseconds
            clock.now += 0.01
            rate.add(1)
    finally:
        finished.set()  # whatever happens: a thread that goes on asking would slow down every test after this
    thread.join(60)
    assert errors == []
    assert rate.value() is not None
    assert 99 < rate.value() < 101


def test_rate_of_a_very_short_span_is_none() -> None:
    """The quotient would be huge, or infinite."""
    clock = Clock(0)
    rate = Rate(clock)
    for pause in (5e-324, 1e-9):
        clock.now += pause
        rate.add(5)
        assert rate.value() is None


@given(st.lists(st.tuples(st.floats(0, 1e5), st.integers(0, 5))))
def test_rate_is_positive_and_finite_or_none(steps: list[tuple[float, int]]) -> None:
    """For any pauses and any numbers of photos."""
    clock = Clock(0)
    rate = Rate(clock)
    for pause, photos in steps:
        clock.now += pause
        rate.add(photos)
        value = rate.value()
        assert value is None or 0 < value < float("inf")

"""The rate: of the last seconds, never below zero, and nothing where nothing is known."""

from __future__ import annotations

from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from autocull.serve.jobs.throughput import WINDOW, Rate
from support.job_fixtures import Clock


def test_the_rate_is_that_of_the_last_seconds() -> None:
    """A slow beginning is forgotten; a halt shows."""
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


def test_several_photos_at_once_count_as_several() -> None:
    """One result may stand for copies; in the first moment nothing is said."""
    clock = Clock(5)
    rate = Rate(clock)
    rate.add(3)
    assert rate.value() is None
    clock.now += 1.5
    assert rate.value() == 2


def test_who_asks_does_not_disturb_who_counts() -> None:
    """Asked from another thread all the while, nothing is miscounted and nothing raised."""
    clock = Clock(0)
    rate, ended, errors = Rate(clock), Event(), list[Exception]()

    def ask() -> None:
        while not ended.is_set():
            try:
                rate.value()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                errors.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    try:
        for _ in range(1_000):  # each waits for the other thread, some milliseconds
            clock.now += 0.01
            rate.add(1)
    finally:
        ended.set()  # whatever happens: a thread that goes on asking would slow down every test after this
    thread.join(60)
    assert errors == []
    assert rate.value() is not None
    assert 99 < rate.value() < 101


@given(st.lists(st.tuples(st.floats(0, 1e5), st.integers(0, 5))))
def test_the_rate_is_never_negative_nor_endless(steps: list[tuple[float, int]]) -> None:
    """Whatever pauses and however many photos: a number above zero, or none."""
    clock = Clock(0)
    rate = Rate(clock)
    for pause, photos in steps:
        clock.now += pause
        rate.add(photos)
        value = rate.value()
        assert value is None or 0 < value < float("inf")

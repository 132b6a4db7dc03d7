"""What all tests share: the photos kept beside the checkout, where they are."""

from __future__ import annotations

import signal
from pathlib import Path

import hypothesis
import pytest

# No test is timed: a busy machine fails none. The drawn cases are the same in every run.
hypothesis.settings.register_profile("autocull", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("autocull")

# A job in the background ignores Ctrl-C, and so would every process that a test starts to press it there.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real photos; skip where this checkout has none (they may not be redistributed)."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the richer photos are not at hand: {SHARED_DATA} does not exist")
    return SHARED_DATA

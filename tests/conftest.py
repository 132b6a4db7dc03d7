"""Settings and fixtures of all tests."""

from __future__ import annotations

import signal
from pathlib import Path

import hypothesis
import pytest

from autocull import paths

# No deadline, so that a busy computer fails no test; the generated cases are the same in every run.
hypothesis.settings.register_profile("autocull", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("autocull")

# A background job ignores Ctrl-C, and its child processes inherit that; tests send Ctrl-C to theirs.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def own_journals(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the journals of sidecars out of the user's data folder."""
    folder = tmp_path_factory.getbasetemp() / "journals"
    monkeypatch.setattr(paths, "journal_folder", lambda: folder)
    monkeypatch.setenv("XDG_DATA_HOME", str(folder.parent / "data"))  # for processes that tests start


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real photos; skip where this checkout has none (they may not be redistributed)."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the photos in {SHARED_DATA}")
    return SHARED_DATA

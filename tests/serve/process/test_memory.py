"""Memory of a finished job: returned to the system."""

from __future__ import annotations

import platform
import sys

import psutil
import pytest

from autocull.serve.process.memory import release_memory


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="other C libraries return it earlier"
)
def test_freed_memory_is_returned() -> None:
    """Blocks between two that stay are kept by the C library until it is made to return them."""
    process = psutil.Process()
    blocks = [bytes(2000) + bytes([index % 256]) for index in range(100_000)]
    kept = blocks[-1]
    blocks.clear()
    before = process.memory_info().rss
    release_memory()
    assert before - process.memory_info().rss > 50_000_000
    assert len(kept) == 2001


@pytest.mark.parametrize("name", ["linux", "darwin", "win32", "aix"])
def test_missing_function_is_no_error(name: str) -> None:
    """On a system whose C library has none of the functions, only garbage is collected."""
    release_memory(name)

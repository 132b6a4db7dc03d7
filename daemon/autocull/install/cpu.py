"""What the processor can do, as the system tells it."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

from autocull.install.subprocesses import Run, run

_AVX2_ON_WINDOWS = 40  # PF_AVX2_INSTRUCTIONS_AVAILABLE


def cpu_flags(
    platform: str = sys.platform, runs: Run = run, cpuinfo: Path = Path("/proc/cpuinfo")
) -> frozenset[str]:
    """Return the flags in lower case; on Windows `avx2` alone or nothing; empty where nobody tells."""
    if platform == "win32":
        kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - no such thing for the type checker
        return frozenset({"avx2"} if kernel.IsProcessorFeaturePresent(_AVX2_ON_WINDOWS) else ())
    if platform == "darwin":
        ran = runs(["sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"])
        return frozenset(ran.said.lower().split()) if ran.code == 0 else frozenset()
    try:
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), ()))

"""Our insides, in words that may leave the process: no traceback, and no path of ours."""

from __future__ import annotations

import traceback
from pathlib import Path


def exception_origin(error: BaseException) -> str:
    """Say where an unexpected error arose: its kind, function and line; neither its text nor any path."""
    last_frames = traceback.extract_tb(error.__traceback__)[-1:]
    location = "".join(
        f" in {frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in last_frames
    )
    return f"{type(error).__name__}{location}"


def strip_paths(text: str, path: Path) -> str:
    """Return the text with the name of `path` and of its folder in place of the whole path."""
    return text.replace(str(path), "/".join(path.parts[-2:]))

"""What a photographer asked `autocull cull` to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

By = Literal["verdict", "category", "defect", "eyes"]
How = Literal["copy", "link", "move"]
BY: tuple[By, ...] = get_args(By)
"""What can decide a photo's sub-folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The options of one `autocull cull`, by the names in its help; `time_limit` is in seconds."""

    paths: tuple[Path, ...]
    profile: str | None = None
    taste: str | None = None
    tastes: Path | None = None
    changes: Mapping[str, str]
    settings_file: Path | None = None
    json_to: str | None = None
    xmp: bool = False
    sort_into: Path | None = None
    by: By | None = None
    how: How = "copy"
    report: Path | None = None
    open_report: bool = False
    workers: int = 1
    time_limit: float = 60.0
    store: Path | None = None
    dry_run: bool = False

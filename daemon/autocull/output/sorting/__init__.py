"""Sorting of photos into sub-folders: plan, file operations, undo journal."""

from __future__ import annotations

__all__: list[str] = []

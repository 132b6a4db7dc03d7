"""XMP sidecars: reading, merging and writing marks."""

from __future__ import annotations

__all__: list[str] = []

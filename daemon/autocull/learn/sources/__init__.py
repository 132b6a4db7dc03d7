"""Sources of decisions: Lightroom catalogs, XMP sidecars and pairs of folders."""

from __future__ import annotations

__all__: list[str] = []

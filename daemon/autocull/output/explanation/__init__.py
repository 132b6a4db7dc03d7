"""The explanation of one photo as a picture: layout, overlays, drawing."""

from __future__ import annotations

__all__: list[str] = []

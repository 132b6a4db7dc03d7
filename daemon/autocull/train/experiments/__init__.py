"""Training experiments: Hyperband search, backbone comparison, input ablation, and their Markdown pages."""

from __future__ import annotations

__all__: list[str] = []

"""Numbers with nouns, as messages name them."""

from __future__ import annotations


def format_count(count: int, noun: str) -> str:
    """Return a number with its noun, which takes an s in the plural: "1 file", "12,345 files"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

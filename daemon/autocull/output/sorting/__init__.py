"""Sorting a shoot into sub-folders, with an undo journal."""

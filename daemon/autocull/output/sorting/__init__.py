"""Sorting of photos into sub-folders: plan, file operations, undo journal."""

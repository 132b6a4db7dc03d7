"""Marks: from verdicts to sidecars, folders, JSON lines and the report."""

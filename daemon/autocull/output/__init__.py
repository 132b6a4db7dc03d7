"""Outputs of a run: XMP sidecars, sorted folders, the HTML report, JSON lines, explanation pictures."""

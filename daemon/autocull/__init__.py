"""Autocull: from photo files to verdicts, on the photographer's own machine."""

__version__ = "0.1.0"

"""Autocull: a photo culler that runs on the photographer's own machine."""

__version__ = "0.1.0"

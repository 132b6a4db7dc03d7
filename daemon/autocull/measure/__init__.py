"""Measure photos: from a `Photo` to `Evidence`, by an ensemble of detectors."""

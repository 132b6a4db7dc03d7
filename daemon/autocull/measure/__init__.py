"""Measure: from a `Photo` to `Evidence`, by an ensemble of trained networks."""

"""Metrics, confidence intervals, calibration and ranking; free of photos and networks."""

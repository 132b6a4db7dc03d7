"""Evaluation: predictions, metrics, subgroups, corruptions."""

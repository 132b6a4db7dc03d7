"""Texts about verdicts: reasons, labels, score tables, explanations."""

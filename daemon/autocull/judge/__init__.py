"""Judge: from `Evidence` and `Settings` to a `Verdict`; pure functions."""

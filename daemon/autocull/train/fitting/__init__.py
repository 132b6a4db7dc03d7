"""Fitting: training loop, batches, export."""

"""Experiments: Hyperband search, backbone comparison, input ablation."""

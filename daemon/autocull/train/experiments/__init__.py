"""Training experiments: Hyperband search, backbone comparison, input ablation, and their Markdown pages."""

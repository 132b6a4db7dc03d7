"""From paths to results: worker processes, stored evidence, two-pass judging, one culling run."""

"""One run from paths to results: worker processes, stored evidence, two-pass judging."""

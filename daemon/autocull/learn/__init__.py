"""Learning a photographer's taste from past decisions: sources, data set, training, report."""

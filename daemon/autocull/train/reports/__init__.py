"""Reports of trainings and evaluations: Markdown tables, model cards, plots."""

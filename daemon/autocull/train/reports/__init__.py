"""Reports of trainings: tables, model cards, plots."""

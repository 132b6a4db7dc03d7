"""Training and evaluation of the detectors' networks: data, synthesis, recipes, fitting, experiments."""

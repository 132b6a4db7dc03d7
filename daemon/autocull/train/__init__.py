"""Train: how the members of the ensemble are made, and how they are measured."""

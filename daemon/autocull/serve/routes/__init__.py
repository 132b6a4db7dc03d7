"""Flask blueprints, one per resource."""

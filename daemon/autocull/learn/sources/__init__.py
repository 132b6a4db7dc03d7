"""Sources of decisions: Lightroom catalogs, sidecars, folders, files."""

"""Sources of decisions: Lightroom catalogs, XMP sidecars and pairs of folders."""

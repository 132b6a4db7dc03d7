"""XMP sidecars: reading, merging and writing marks."""

"""Capture metadata from EXIF, TIFF and the containers of RAW files."""

"""Read: from a path on the disk to a `Photo` with upright sRGB pixels and capture facts."""

from autocull.read.photo import Box, Capture, Frame, Photo, Pixels

__all__ = ["Box", "Capture", "Frame", "Photo", "Pixels"]

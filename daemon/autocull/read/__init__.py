"""Read: from a path on the disk to a `Photo` with upright sRGB pixels and capture facts."""

from autocull.read.arena import Arena
from autocull.read.files import Identity, file_identity
from autocull.read.photo import Box, Capture, Frame, Photo, Pixels
from autocull.read.reader import read_photo

__all__ = [
    "Arena",
    "Box",
    "Capture",
    "Frame",
    "Identity",
    "Photo",
    "Pixels",
    "file_identity",
    "read_photo",
]

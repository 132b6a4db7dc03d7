"""Read: from a path on the disk to a `Photo` with upright sRGB pixels and capture facts."""

from autocull.read.arena import Arena
from autocull.read.files import Identity, file_identity
from autocull.read.frames import Found, find_frames
from autocull.read.photo import Box, Capture, Frame, Photo, Pixels
from autocull.read.reader import read_frame, read_photo

__all__ = [
    "Arena",
    "Box",
    "Capture",
    "Found",
    "Frame",
    "Identity",
    "Photo",
    "Pixels",
    "file_identity",
    "find_frames",
    "read_frame",
    "read_photo",
]

from .decoders.buffer import DecodeBuffer as DecodeBuffer
from .discovery import COMPANION_SUFFIXES as COMPANION_SUFFIXES
from .discovery import ScanResult as ScanResult
from .discovery import find_frames as find_frames
from .file_access import FileIdentity as FileIdentity
from .file_access import file_identity as file_identity
from .file_type import RAW_SUFFIXES as RAW_SUFFIXES
from .photo import Box as Box
from .photo import Capture as Capture
from .photo import Frame as Frame
from .photo import Photo as Photo
from .photo import Pixels as Pixels
from .reader import read_frame as read_frame
from .reader import read_photo as read_photo

__all__ = [
    "COMPANION_SUFFIXES",
    "RAW_SUFFIXES",
    "Box",
    "Capture",
    "DecodeBuffer",
    "FileIdentity",
    "Frame",
    "Photo",
    "Pixels",
    "ScanResult",
    "file_identity",
    "find_frames",
    "read_frame",
    "read_photo",
]

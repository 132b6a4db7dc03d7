from .decoders.buffer import DecodeBuffer as DecodeBuffer
from .discovery import COMPANION_SUFFIXES as COMPANION_SUFFIXES
from .discovery import ScanResult as ScanResult
from .discovery import find_frames as find_frames
from .file_access import FileIdentity as FileIdentity
from .file_access import FolderIndex as FolderIndex
from .file_access import file_identity as file_identity
from .file_access import normalise_name as normalise_name
from .file_access import reachable as reachable
from .file_type import PHOTO_SUFFIXES as PHOTO_SUFFIXES
from .file_type import RAW_SUFFIXES as RAW_SUFFIXES
from .fingerprint import fingerprint_frame as fingerprint_frame
from .metadata.embedded_xmp import read_embedded_xmp as read_embedded_xmp
from .photo import Box as Box
from .photo import Capture as Capture
from .photo import Frame as Frame
from .photo import Photo as Photo
from .photo import Pixels as Pixels
from .reader import read_frame as read_frame
from .reader import read_photo as read_photo

__all__ = [
    "COMPANION_SUFFIXES",
    "PHOTO_SUFFIXES",
    "RAW_SUFFIXES",
    "Box",
    "Capture",
    "DecodeBuffer",
    "FileIdentity",
    "FolderIndex",
    "Frame",
    "Photo",
    "Pixels",
    "ScanResult",
    "file_identity",
    "find_frames",
    "fingerprint_frame",
    "normalise_name",
    "reachable",
    "read_embedded_xmp",
    "read_frame",
    "read_photo",
]

from .capture import capture_from_tags as capture_from_tags
from .capture import capture_from_time as capture_from_time
from .capture import merge_metadata as merge_metadata
from .capture_time import capture_time as capture_time
from .embedded_xmp import read_embedded_xmp as read_embedded_xmp
from .exif import orientation_of as orientation_of
from .exif import read_raw_tags as read_raw_tags
from .exif import read_tags as read_tags
from .raw_containers import FUJI_MAGIC as FUJI_MAGIC
from .raw_containers import embedded_jpegs as embedded_jpegs
from .tiff import COMPRESSION as COMPRESSION
from .tiff import DNG_VERSION as DNG_VERSION
from .tiff import MAGICS as MAGICS
from .tiff import PANASONIC_RAW_OFFSET as PANASONIC_RAW_OFFSET
from .tiff import PHOTOMETRIC as PHOTOMETRIC
from .tiff import RAW_MAGICS as RAW_MAGICS
from .tiff import Directory as Directory
from .tiff import data_ranges as data_ranges
from .tiff import read_directories as read_directories
from .tiff import tag_range as tag_range

__all__ = [
    "COMPRESSION",
    "DNG_VERSION",
    "FUJI_MAGIC",
    "MAGICS",
    "PANASONIC_RAW_OFFSET",
    "PHOTOMETRIC",
    "RAW_MAGICS",
    "Directory",
    "capture_from_tags",
    "capture_from_time",
    "capture_time",
    "data_ranges",
    "embedded_jpegs",
    "merge_metadata",
    "orientation_of",
    "read_directories",
    "read_embedded_xmp",
    "read_raw_tags",
    "read_tags",
    "tag_range",
]

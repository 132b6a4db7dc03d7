from .buffer import DecodeBuffer as DecodeBuffer
from .errors import OUT_OF_MEMORY_MESSAGE as OUT_OF_MEMORY_MESSAGE
from .errors import UnreadableError as UnreadableError
from .jpeg import decode_jpeg as decode_jpeg
from .pillow import SELF_ORIENTING as SELF_ORIENTING
from .pillow import decode_heic as decode_heic
from .pillow import decode_picture as decode_picture
from .raw import decode_raw as decode_raw

__all__ = [
    "OUT_OF_MEMORY_MESSAGE",
    "SELF_ORIENTING",
    "DecodeBuffer",
    "UnreadableError",
    "decode_heic",
    "decode_jpeg",
    "decode_picture",
    "decode_raw",
]

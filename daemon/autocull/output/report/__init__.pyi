from .cards import EYE_WORDS as EYE_WORDS
from .cards import SHARP as SHARP
from .cards import SOFT as SOFT
from .cards import make_printable as make_printable

__all__ = [
    "EYE_WORDS",
    "SHARP",
    "SOFT",
    "make_printable",
]

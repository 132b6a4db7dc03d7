from .command import parse_key_values as parse_key_values
from .command import require_suffix as require_suffix

__all__ = [
    "parse_key_values",
    "require_suffix",
]

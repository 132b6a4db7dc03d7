from .checks import Area as Area
from .checks import Check as Check
from .checks import run_checks as run_checks
from .installer import Installation as Installation
from .platform_base import detect_system as detect_system
from .plugin import find_plugin_source as find_plugin_source
from .user_data import DataKind as DataKind

__all__ = [
    "Area",
    "Check",
    "DataKind",
    "Installation",
    "detect_system",
    "find_plugin_source",
    "run_checks",
]

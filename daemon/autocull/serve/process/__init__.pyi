from .client import HOST as HOST
from .process_group import start_process as start_process
from .process_group import terminate_tree as terminate_tree

__all__ = [
    "HOST",
    "start_process",
    "terminate_tree",
]

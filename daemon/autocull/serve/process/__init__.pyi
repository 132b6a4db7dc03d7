from .client import HOST as HOST
from .memory import release_memory as release_memory
from .process_group import start_process as start_process
from .process_group import terminate_tree as terminate_tree

__all__ = ["HOST", "release_memory", "start_process", "terminate_tree"]

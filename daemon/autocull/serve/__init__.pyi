from .process.instance_lock import AlreadyRunning as AlreadyRunning
from .process.launch_command import build_launcher as build_launcher
from .process.launch_command import is_bundled as is_bundled
from .process.launch_command import serve_command as serve_command
from .process.lifecycle import DaemonState as DaemonState
from .process.lifecycle import probe as probe
from .process.lifecycle import start as start
from .process.lifecycle import stop as stop
from .process.runtime_files import LAUNCHER_FILE as LAUNCHER_FILE
from .process.runtime_files import WarningCallback as WarningCallback
from .process.runtime_files import read_launcher as read_launcher
from .process.runtime_files import secure_folder as secure_folder
from .process.runtime_files import write_launcher as write_launcher
from .process.server import ServeOptions as ServeOptions
from .process.server import serve as serve

__all__ = [
    "LAUNCHER_FILE",
    "AlreadyRunning",
    "DaemonState",
    "ServeOptions",
    "WarningCallback",
    "build_launcher",
    "is_bundled",
    "probe",
    "read_launcher",
    "secure_folder",
    "serve",
    "serve_command",
    "start",
    "stop",
    "write_launcher",
]

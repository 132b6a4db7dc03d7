"""Installing and uninstalling, step by step; each step may be done again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install import plugin
from autocull.install.platform_base import System
from autocull.install.startup_entry import remove
from autocull.paths import AppPaths
from autocull.serve.process.launch_command import build_launcher, serve_command
from autocull.serve.process.lifecycle import DaemonState, start, stop
from autocull.serve.process.runtime_files import (
    LAUNCHER_FILE,
    WarningCallback,
    read_launcher,
    secure_folder,
    write_launcher,
)

MessageCallback = Callable[[str], None]
"""Takes a line for the user."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What is installed where: the plug-in from `source` on `system`, the daemon's own files at `paths`."""

    system: System
    paths: AppPaths
    source: Path

    @property
    def plugin(self) -> Path:
        """The plug-in's folder, where Lightroom finds it."""
        return self.system.plugins() / plugin.NAME


def describe_plan(installation: Installation) -> list[str]:
    """Say what `install` would do."""
    return [
        f"The plug-in would be put into {installation.plugin}.",
        f"The plug-in would find the launcher in {installation.paths.app_folder / LAUNCHER_FILE}.",
        f"The daemon would start at login: {installation.system.entry()}.",
        "The daemon would be started, or replaced where an older one runs.",
    ]


def install(
    installation: Installation,
    on_message: MessageCallback,
    on_warning: WarningCallback,
    start_daemon: Callable[..., DaemonState] = start,
) -> None:
    """Put everything in its place, start the daemon and check that it answers; `on_message` hears each step.

    Raises DaemonError where a step fails; those before it stay, and the same command goes on from there.
    """
    _install_plugin(installation, on_message)
    _update_launcher(installation.paths, on_message, on_warning)
    _register(installation.system, serve_command(), on_message, on_warning)
    daemon = start_daemon(installation.paths, on_warning)
    assert daemon.info is not None, "only who is published runs"
    on_message(f"The daemon answers: version {daemon.version}, port {daemon.info.port}.")
    on_message(f"Its log is {installation.paths.log}.")


def uninstall(
    installation: Installation,
    on_message: MessageCallback,
    on_warning: WarningCallback,
    *,
    delete_cache: bool,
) -> None:
    """Take everything away, the daemon first; catalogs and photos are not touched. `on_message` hears each
    step.

    Raises DaemonError where something cannot be removed; the same command goes on from there.
    """
    system, paths = installation.system, installation.paths
    if system.unregister():  # first, or the system might start the daemon again
        on_message(f"The daemon no longer starts at login ({system.entry()}).")
    if stop(paths, on_warning):
        on_message("The daemon has ended.")
    if plugin.remove(installation.plugin):
        on_message(f"The plug-in is removed from {installation.plugin}.")
    if _remove_runtime_dir(paths.app_folder):
        on_message(f"The token and the launcher are removed ({paths.app_folder}).")
    if _remove_matching(paths.log) | _remove_matching(paths.jobs):
        on_message("The log and the jobs are removed.")
    if delete_cache:
        if _remove_matching(paths.store):
            on_message(f"What was measured is removed ({paths.store}).")
    elif paths.store.exists():
        on_message(f"What was measured stays in {paths.store}.")
    on_message("Nothing of Autocull is left but the program itself. Catalogs and photos were not touched.")


def _install_plugin(installation: Installation, on_message: MessageCallback) -> None:
    is_new = plugin.install(installation.source, installation.plugin)
    on_message(f"The plug-in {'is now' if is_new else 'was already'} in {installation.plugin}.")
    if not installation.system.has_lightroom:
        on_message(f"{installation.system.name} has no Lightroom: copy that folder to a machine that does.")


def _update_launcher(paths: AppPaths, on_message: MessageCallback, on_warning: WarningCallback) -> None:
    secure_folder(paths.app_folder, on_warning)
    current = build_launcher(paths.log)
    if read_launcher(paths.app_folder, on_warning) != current:
        write_launcher(paths.app_folder, current)
    on_message(f"The plug-in finds the launcher in {paths.app_folder / LAUNCHER_FILE}.")


def _register(
    system: System, command: Sequence[str], on_message: MessageCallback, on_warning: WarningCallback
) -> None:
    hint = system.register(command)
    on_message(f"The daemon starts at login: {system.entry()}.")
    if hint:
        on_warning(hint)


def _remove_runtime_dir(folder: Path) -> bool:
    """Remove the folder where plug-in and daemon met; of a link only the link."""
    if folder.is_symlink():
        return remove(folder)
    if not folder.is_dir():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise DaemonError(f"{folder} cannot be removed ({error.strerror or error}).") from error
    return True


def _remove_matching(path: Path) -> bool:
    """Remove a file of ours with those named after it, and our folders around it where nothing is left."""
    patterns = (f"{path.name}*", f"{path.stem}-aside-*")
    removed = [remove(each) for pattern in patterns for each in path.parent.glob(pattern)]
    for folder in (path.parent, path.parent.parent):
        is_own = "autocull" in (folder.name, folder.parent.name)
        if is_own and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return any(removed)

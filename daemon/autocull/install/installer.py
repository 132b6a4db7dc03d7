"""Installing and uninstalling in steps, each of which may be repeated."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install import plugin
from autocull.install.platform_base import System
from autocull.install.startup_entry import remove_file
from autocull.install.user_data import (
    DataKind,
    delete_user_data,
    list_matching,
    list_user_data,
    remove_empty_folders,
)
from autocull.paths import AppPaths
from autocull.serve import (
    LAUNCHER_FILE,
    DaemonState,
    WarningCallback,
    build_launcher,
    read_launcher,
    secure_folder,
    serve_command,
    start,
    stop,
    write_launcher,
)

MessageCallback = Callable[[str], None]
"""Takes a line for the user."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where everything is installed: the plug-in from `source` on `system`, the daemon's files at `paths`."""

    system: System
    paths: AppPaths
    source: Path

    @property
    def plugin_folder(self) -> Path:
        """Return the plug-in's folder, where Lightroom finds it."""
        return self.system.plugins_folder() / plugin.FOLDER_NAME


def describe_plan(installation: Installation) -> list[str]:
    """Return lines for the user that describe what `install` would do."""
    return [
        f"The plug-in would be copied to {installation.plugin_folder}.",
        f"The plug-in would find the launcher in {installation.paths.app_folder / LAUNCHER_FILE}.",
        f"The daemon would start at login: {installation.system.entry_name()}.",
        "The daemon would be started; an older one would be replaced.",
    ]


def install(
    installation: Installation,
    on_message: MessageCallback,
    on_warning: WarningCallback,
    start_daemon: Callable[..., DaemonState] = start,
) -> None:
    """Install the plug-in and the login entry, start the daemon and check that it answers.

    `on_message` receives a line per step. Raises DaemonError if a step fails; the steps before it are kept,
    and the same command continues from there.
    """
    _install_plugin(installation, on_message)
    _update_launcher(installation.paths, on_message, on_warning)
    _register_startup(installation.system, serve_command(), on_message, on_warning)
    daemon = start_daemon(installation.paths, on_warning)
    assert daemon.info is not None, "a running daemon has written its info"
    on_message(f"The daemon answers: version {daemon.version}, port {daemon.info.port}.")
    on_message(f"Its log is {installation.paths.log}.")


def uninstall(
    installation: Installation,
    on_message: MessageCallback,
    on_warning: WarningCallback,
    *,
    delete: Collection[DataKind] = (),
) -> None:
    """Stop the daemon and remove everything except the user's data; catalogs and photos are not touched.

    The kinds of data in `delete` are deleted, the others are named with path and size. `on_message` receives
    a line per step. Raises DaemonError if something cannot be removed; the same command
    continues from there.
    """
    system, paths = installation.system, installation.paths
    if system.unregister():  # first, or the system could restart the daemon
        on_message(f"The daemon no longer starts at login ({system.entry_name()}).")
    if stop(paths, on_warning):
        on_message("The daemon is stopped.")
    if plugin.remove(installation.plugin_folder):
        on_message(f"The plug-in is removed from {installation.plugin_folder}.")
    if _remove_runtime_dir(paths.app_folder):
        on_message(f"The token and the launcher are removed ({paths.app_folder}).")
    if _remove_log(paths.log):
        on_message("The log is removed.")
    _delete_data(paths, delete, on_message, on_warning)
    _describe_rest(paths, on_message)


def _install_plugin(installation: Installation, on_message: MessageCallback) -> None:
    is_new = plugin.install(installation.source, installation.plugin_folder)
    on_message(f"The plug-in {'is now' if is_new else 'was already'} in {installation.plugin_folder}.")
    if not installation.system.has_lightroom:
        on_message(
            f"{installation.system.name} has no Lightroom: copy that folder to a computer that has it."
        )


def _update_launcher(paths: AppPaths, on_message: MessageCallback, on_warning: WarningCallback) -> None:
    secure_folder(paths.app_folder, on_warning)
    current = build_launcher(paths.log)
    if read_launcher(paths.app_folder, on_warning) != current:
        write_launcher(paths.app_folder, current)
    on_message(f"The plug-in finds the launcher in {paths.app_folder / LAUNCHER_FILE}.")


def _register_startup(
    system: System, command: Sequence[str], on_message: MessageCallback, on_warning: WarningCallback
) -> None:
    hint = system.register(command)
    on_message(f"The daemon starts at login: {system.entry_name()}.")
    if hint:
        on_warning(hint)


def _remove_runtime_dir(folder: Path) -> bool:
    """Remove the folder that plug-in and daemon share; of a symbolic link only the link."""
    if folder.is_symlink():
        return remove_file(folder)
    if not folder.is_dir():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise DaemonError(f"{folder} cannot be removed ({error.strerror or error}).") from error
    return True


def _remove_log(path: Path) -> bool:
    removed = [remove_file(each) for each in list_matching(path)]
    remove_empty_folders(path.parent, path.parent.parent)
    return any(removed)


def _delete_data(
    paths: AppPaths, kinds: Collection[DataKind], on_message: MessageCallback, on_warning: WarningCallback
) -> None:
    for data in list_user_data(paths):
        if data.kind in kinds and delete_user_data(data, on_warning):
            on_message(f"The {data.kind} are deleted ({data.path}).")


def _describe_rest(paths: AppPaths, on_message: MessageCallback) -> None:
    """Name all that stays on the disk."""
    if rest := list_user_data(paths):
        on_message("These stay:")
    for data in rest:
        on_message(f"  {data.describe()}")
    on_message("The program itself stays, and what `autocull cull` wrote next to photos: sidecars, reports,")
    on_message("journals of sorting. Catalogs and photos were not touched.")

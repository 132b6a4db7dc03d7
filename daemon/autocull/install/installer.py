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
from autocull.paths import Places
from autocull.serve.process.launch_command import launcher_now, serve_command
from autocull.serve.process.lifecycle import Seen, start, stop
from autocull.serve.process.runtime_files import LAUNCHER, Note, launcher, secure_folder, write_launcher

Say = Callable[[str], None]
"""Takes a line for the user."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What is installed where: the plug-in from `source` on `system`, the daemon's own files at `places`."""

    system: System
    places: Places
    source: Path

    @property
    def plugin(self) -> Path:
        """The plug-in's folder, where Lightroom finds it."""
        return self.system.plugins() / plugin.NAME


def plan(installation: Installation) -> list[str]:
    """Say what `install` would do."""
    return [
        f"The plug-in would be put into {installation.plugin}.",
        f"The plug-in would find the launcher in {installation.places.own / LAUNCHER}.",
        f"The daemon would start at login: {installation.system.entry()}.",
        "The daemon would be started, or replaced where an older one runs.",
    ]


def install(installation: Installation, say: Say, note: Note, begin: Callable[..., Seen] = start) -> None:
    """Put everything in its place, start the daemon and check that it answers; `say` hears each step.

    Raises DaemonError where a step fails; those before it stay, and the same command goes on from there.
    """
    _put_plugin(installation, say)
    _write_launcher(installation.places, say, note)
    _register(installation.system, serve_command(), say, note)
    seen = begin(installation.places, note)
    assert seen.published is not None, "only who is published runs"
    say(f"The daemon answers: version {seen.version}, port {seen.published.port}.")
    say(f"Its log is {installation.places.log}.")


def uninstall(installation: Installation, say: Say, note: Note, *, delete_cache: bool) -> None:
    """Take everything away, the daemon first; catalogs and photos are not touched. `say` hears each step.

    Raises DaemonError where something cannot be removed; the same command goes on from there.
    """
    system, places = installation.system, installation.places
    if system.unregister():  # first, or the system might start the daemon again
        say(f"The daemon no longer starts at login ({system.entry()}).")
    if stop(places, note):
        say("The daemon has ended.")
    if plugin.take_away(installation.plugin):
        say(f"The plug-in is removed from {installation.plugin}.")
    if _remove_own(places.own):
        say(f"The token and the launcher are removed ({places.own}).")
    if _remove_like(places.log) | _remove_like(places.jobs):
        say("The log and the jobs are removed.")
    if delete_cache:
        if _remove_like(places.store):
            say(f"What was measured is removed ({places.store}).")
    elif places.store.exists():
        say(f"What was measured stays in {places.store}.")
    say("Nothing of Autocull is left but the program itself. Catalogs and photos were not touched.")


def _put_plugin(installation: Installation, say: Say) -> None:
    put = plugin.put(installation.source, installation.plugin)
    say(f"The plug-in {'is now' if put else 'was already'} in {installation.plugin}.")
    if not installation.system.has_lightroom:
        say(f"{installation.system.name} has no Lightroom: copy that folder to a machine that does.")


def _write_launcher(places: Places, say: Say, note: Note) -> None:
    secure_folder(places.own, note)
    now = launcher_now(places.log)
    if launcher(places.own, note) != now:
        write_launcher(places.own, now)
    say(f"The plug-in finds the launcher in {places.own / LAUNCHER}.")


def _register(system: System, command: Sequence[str], say: Say, note: Note) -> None:
    hint = system.register(command)
    say(f"The daemon starts at login: {system.entry()}.")
    if hint:
        note(hint)


def _remove_own(folder: Path) -> bool:
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


def _remove_like(path: Path) -> bool:
    """Remove a file of ours with those named after it, and our folders around it where nothing is left."""
    names = (f"{path.name}*", f"{path.stem}-aside-*")
    removed = [remove(each) for name in names for each in path.parent.glob(name)]
    for folder in (path.parent, path.parent.parent):
        ours = "autocull" in (folder.name, folder.parent.name)
        if ours and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return any(removed)

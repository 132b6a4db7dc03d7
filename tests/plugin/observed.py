"""Observable state of the stand-in's host: dialogs, progress bars, gates, queries, errors."""

from __future__ import annotations

from typing import Any

from plugin.bridge import Bridge, out, text
from plugin.dialogs import Dialog, Dialogs
from plugin.services import Network, Request


class Scope:
    """The present state of a progress bar."""

    def __init__(self, record: Any) -> None:
        self._record = record

    title = property(lambda self: text(self._record.title), doc="Its title.")
    caption = property(lambda self: text(self._record.caption), doc="Its caption at this moment.")
    done = property(lambda self: self._record.portion, doc="What is done, of `total`.")
    total = property(lambda self: self._record.total, doc="What done counts up to.")
    is_done = property(lambda self: bool(self._record.isDone), doc="Whether the bar has gone.")
    canceled = property(lambda self: bool(self._record.canceled), doc="Whether the user cancelled it.")
    cancelable = property(lambda self: bool(self._record.cancelable), doc="Whether it shows a cross.")
    leaked = property(lambda self: bool(self._record.leaked), doc="Whether its task left it behind.")

    def __repr__(self) -> str:
        return f"Scope({self.title!r}, {self.done} of {self.total})"


class Observed:
    """The observable state of a host, as of now."""

    bridge: Bridge
    lua: Any
    network: Network
    _dialogs: Dialogs

    @property
    def now(self) -> float:
        """Seconds of the host's own clock since it was created."""
        return self.lua.now

    @property
    def tasks(self) -> list[str]:
        """The names of the tasks that are not over."""
        return list(out(self.lua.taskNames()) or [])

    @property
    def dialogs(self) -> list[Dialog]:
        """All dialogs that were shown; those of kind "error" are the host's own for an error in a task."""
        return self._dialogs.shown

    @property
    def bezels(self) -> list[str]:
        """The texts that faded over the photos."""
        return self._dialogs.bezels

    @property
    def progress_scopes(self) -> list[Scope]:
        """All progress bars that were ever there."""
        return [Scope(record) for record in self.lua.scopes.values()]

    @property
    def undo_steps(self) -> list[str]:
        """The names of Lightroom's undo steps, the newest last; macOS merges gates without input between."""
        return list(out(self.lua.undo) or [])

    @property
    def gates(self) -> list[dict[str, Any]]:
        """All gates in order: kind, name, writes, status ("executed", "aborted", "rolled back", "lost")."""
        return list(out(self.lua.gates) or [])

    @property
    def queries(self) -> list[dict[str, Any]]:
        """All queries to the catalog in order: what, count (of photos) and detail."""
        return [out(each) for each in self.lua.queries.values()]

    @property
    def http_requests(self) -> list[Request]:
        """All requests of the plug-in in order."""
        return self.network.requests

    @property
    def errors(self) -> list[dict[str, str]]:
        """What ended tasks: task, message, traceback."""
        return list(out(self.lua.errors) or [])

    @property
    def violations(self) -> list[str]:
        """What the plug-in did and must never do."""
        return list(out(self.lua.violations) or [])

    @property
    def steps(self) -> int:
        """The most VM instructions that a task ran without yielding."""
        return self.lua.steps

    @property
    def prefs(self) -> dict[str, Any]:
        """The preferences as they are saved."""
        return dict(out(self.lua.savedPrefs) or {})

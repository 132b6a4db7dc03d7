"""A strict stand-in of Lightroom Classic: it runs the real plug-in in Lua 5.1 by Lightroom's rules.

    host = Host(PLUGIN, tmp_path)                         # macOS and English; platform="win", language="de"
    photo = host.catalog.add_photo("/shoot/1.NEF", rating=2, cameraModel="NIKON Z 8")
    host.select([photo])
    host.load()                                           # Info.lua by its rules, fields, PluginInit.lua
    host.answer_dialog("Auto-cull 2 photos", "ok")        # a dialog that no answer fits fails the test
    host.menu("Auto-cull selection")                      # runs the menu file; its tasks wait in the queue
    host.run()                                            # until all tasks are over
    assert photo.rating == 4
    host.check()                                          # nothing forbidden, uncaught or left open

It proves our logic and not Adobe's behaviour: what it enforces is what is documented or was observed.

| rule | what is enforced, and where |
|---|---|
| 1 | only members of SDK 14 exist (core.lua: class, namespace) |
| 2 | `import` knows the importable namespaces alone (environment.lua) |
| 3 | what waits really yields; outside of a task it is refused (scheduler.lua: pause) |
| 4 | no yield through pcall, sort, gsub, metamethods, iterators, required chunks (Lua itself) |
| 5 | getAllPhotos in a plain pcall gives {} silently (knob emptyInPcall) |
| 6 | writes need the full write gate (gates.lua: write) |
| 7 | the private gate takes setPropertyForPlugin alone |
| 8 | gates do not nest; a busy one raises without a timeout, and is "aborted" with one |
| 9 | gates answer "executed", "queued" or "aborted"; the prolonged one a boolean first |
| 10 | an error inside a gate undoes the whole gate, and comes out of it |
| 11 | what is written or made in a gate can be read only after it; what was made can be filled in it |
| 12 | an unknown key raises, and spoils a whole batch (photos.lua) |
| 13 | setRawMetadata takes known keys only (keys.lua) |
| 14 | ratings are 1 to 5 or nil |
| 15 | flags are -1, 0 or 1 |
| 16 | label colours in any case; a label is a text: none reads back as "gray", one of its own as "other" |
| 17 | custom fields: declared, _PLUGIN, texts, enumerated values, 511 bytes where searchable |
| 18 | batchGetPropertyForPlugin(photos, id as a text, fields) in this order (catalog.lua) |
| 19 | findPhotos: known criteria and operations of their type; a malformed date finds nothing (search.lua) |
| 20 | LrHttp: a number as timeout, a task, no gate; failures are nil and info.error (services.lua) |
| 21 | preferences: plain values; saved when assigned; empty to pairs (bindings.lua) |
| 22 | property tables and scopes need a live context; observers are called for changes only |
| 23 | progress within 0 and the total; a scope that stays is a leak (contexts.lua) |
| 24 | tasks are queued; sleeping moves the clock; a task that does not yield is stopped |
| 25 | shutdown scripts and actions of buttons may not wait (environment.lua: unload; views.lua: press) |
| 26 | the restricted environment of the plug-in (environment.lua) |
| 27 | Info.lua has only LOC and literals (environment.lua: literal) |
| 28 | every file of Info.lua exists, and an init script that is forced has a menu item (info.py) |
| 29 | the target photos of an empty selection are the whole filmstrip (catalog.lua) |
| 30 | the sources (test_sources.py) |
| 31 | photos below the top of a collapsed stack are in no selection and no source (catalog.lua: shown) |
| 32 | a search for a plug-in's text by "==" never returns (search.lua) |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from plugin import info
from plugin.bridge import STANDIN, Bridge, out, text
from plugin.catalog import Catalog, Photo, seconds
from plugin.dialogs import Answer, Control, Dialog, Dialogs, control
from plugin.observed import Observed, Scope
from plugin.services import Files, Network, Programs, RunningProgram, really_sleep, text_functions

FILES = (
    "core", "scheduler", "contexts", "bindings", "dialogs", "services", "views", "windows", "keys", "photos",
    "catalog", "search", "collections", "gates", "environment",
)  # fmt: skip
NOW = "2026-05-04T10:00:00"


class LuaError(AssertionError):
    """An error of Lua that ended a piece of a test."""


class Host(Observed):
    """One Lightroom with one catalog and one plug-in; `home` is the user's home folder.

    With `real_time` (a real daemon answers) sleeping also takes real time, at most `longest_sleep` seconds
    for each sleep: long pauses are shortened, short polls are not.
    """

    def __init__(
        self,
        plugin: Path,
        home: Path,
        *,
        platform: Literal["mac", "win"] = "mac",
        language: str = "en",
        real_time: bool = False,
        longest_sleep: float = 0.1,
    ) -> None:
        self.plugin = Path(plugin)
        self.platform = platform
        self.language = language
        self.info: dict[str, Any] = {}
        self.revealed: list[str] = []
        self.opened: list[str] = []
        self.log: list[tuple[str, str, str]] = []
        self.network = Network()
        self.programs = Programs()
        self._real = longest_sleep if real_time else 0.0
        self._cancel: Callable[[Scope], bool] | None = None
        self._before_gate: list[Callable[[str], Any]] = []
        self._loaded = False
        self.bridge = Bridge()
        self.lua = self._lua_host()
        self.catalog = Catalog(self.bridge, self.lua)
        self.files = Files(home, self.catalog.files)
        self._dialogs = Dialogs(self.bridge)
        self._connect()

    # -- Lua ---------------------------------------------------------------------------------------------

    def _lua_host(self) -> Any:
        host = self.bridge.into(
            {name: {} for name in ("bridge", "modules", "catalogMethods", "catalogProperties")}
        )
        host.platform, host.epoch = self.platform.encode(), seconds(NOW)
        for name in FILES:
            self.bridge.run(STANDIN / f"{name}.lua", host)
        return host

    def _connect(self) -> None:
        functions = {
            **self.files.functions(),
            **text_functions(),
            "http": self.network.http,
            "browse": self.opened.append,
            "rewriteFile": self.files.rewrite,
            "execute": self.programs.execute,
            "poll": self.programs.poll,
            "open": self._dialogs.open,
            "answer": self._dialogs.answer,
            "noted": self._dialogs.noted,
            "logged": lambda *words: self.log.append(words),
            "cancels": self._cancels,
            "beforeGate": self._run_before_gate,
            "source": lambda name: (self.plugin / name).read_bytes(),
            "hasFile": lambda name: (self.plugin / name).is_file(),
            "catalogPath": lambda: str(self.files.home / "Catalog.lrcat"),
            "reveal": self.revealed.append,
            "openFiles": lambda paths, program: self.opened.extend(out(paths)),
        }
        self.bridge.handed = lambda number: self.lua.handed[number]
        for name, function in functions.items():
            self.lua.bridge[name] = self.bridge.function(function)

    def _cancels(self, record: Any) -> bool:
        return bool(self._cancel and self._cancel(Scope(record)))

    def _run_before_gate(self, name: str) -> None:
        for act in self._before_gate:
            act(name)

    def _guarded(self, func: Callable[..., Any], *arguments: Any) -> Any:
        """Call into Lua; exceptions of a test's hook are raised unchanged."""
        try:
            return func(*arguments)
        finally:
            self._raise_failures()

    def _raise_failures(self) -> None:
        if self.bridge.failures:
            raise self.bridge.failures.pop(0)

    # -- the life of the plug-in -------------------------------------------------------------------------

    def load(self) -> None:
        """Load the plug-in as the start of Lightroom does: Info.lua, its fields, its init script."""
        self.lua.words = self.bridge.into(self._words())
        table = self._guarded(self.lua.literal, b"Info.lua")
        self.info = info.validate(out(table), self.plugin)
        self.lua.setPlugin(self.info["LrToolkitIdentifier"].encode(), str(self.plugin).encode())
        provider = self.info.get("LrMetadataProvider")
        self.lua.declare(self._guarded(self.lua.literal, provider.encode()) if provider else None)
        self._check_tagsets()
        self.lua.prefs = self.lua.openPrefs()
        self.lua.environment = self.lua.newEnvironment()
        self._loaded = True
        if self.info.get("LrForceInitPlugin"):
            self._run_file(self.info["LrInitPlugin"])

    def _check_tagsets(self) -> None:
        factories = self.info.get("LrMetadataTagsetFactory", [])
        for name in [factories] if isinstance(factories, str) else factories:
            tagset = out(self._guarded(self.lua.literal, name.encode()))
            info.check_tagset(tagset, self.info["LrToolkitIdentifier"], set(out(self.lua.fields) or {}))

    def _words(self) -> dict[str, str]:
        path = self.plugin / f"TranslatedStrings_{self.language}.txt"
        return info.translations(path) if self.language != "en" else {}

    def _run_file(self, name: str) -> None:
        self._guarded(self.lua.run, name.encode())

    def reload_plugin(self) -> None:
        """*Reload Plug-in*: the shutdown script runs, then a new environment; old tasks go on in theirs."""
        self._unload(None)
        self.load()

    def quit(self) -> None:
        """Quit Lightroom: the shutdown scripts run, every task ends where it is; load() starts again."""
        self._unload(self.info.get("LrShutdownApp"))
        self.kill()

    def _unload(self, application: str | None) -> None:
        script = self.info.get("LrShutdownPlugin")
        names = [name.encode() if name else None for name in (script, application)]
        self._guarded(self.lua.unload, *names)
        self._loaded = False

    def kill(self) -> None:
        """Let Lightroom crash: every task ends where it is, the open gate is lost, nothing is confirmed."""
        self.lua.dropTasks()
        self.lua.dropGate()
        self.lua.dropContexts()
        self._loaded = False

    # -- what the user does ------------------------------------------------------------------------------

    def select(self, photos: Iterable[Photo]) -> None:
        """Select these photos; the first is the active one. None selects nothing."""
        records = [photo._record for photo in photos]
        self.lua.selection = self.bridge.lua.table_from(records)
        self.lua.active = records[0] if records else None
        self.lua.selectionChanged()

    @property
    def selected(self) -> list[Photo]:
        """The selected photos, the active one first."""
        by_id = {photo.uuid: photo for photo in self.catalog.photos}
        return [by_id[text(record.uuid)] for record in self.lua.selection.values()]

    @property
    def view(self) -> str:
        """The view that Lightroom shows."""
        return text(self.lua.view)

    def menu(self, title: str) -> None:
        """Choose a menu item by its words, or by the name of its file. What it starts waits for run()."""
        items = info.menu_items(self.info)
        item = next((each for each in items if title in (each["title"], each["file"])), None)
        if item is None:
            raise AssertionError(f"there is no menu item {title!r}, but {[each['title'] for each in items]}")
        self.lua.userInput = True
        self._run_file(item["file"])

    def answer_dialog(
        self,
        matching: str,
        button: str,
        values: Mapping[str, Any] | None = None,
        *,
        press: Sequence[str] = (),
        times: int | None = 1,
        after: float = 0.0,
        then: Callable[[Dialog], Any] | None = None,
    ) -> None:
        """Answer the next dialog (or the next `times`; None: all) whose words have the pattern `matching`.

        `after` some seconds the buttons `press` inside it are pressed, then the controls bound to the keys
        of `values` are set, then `then` gets the Dialog, then `button` closes it: "ok", "cancel", "other" or
        its words; the path for an open or save panel. A message without an answer is closed; any other
        dialog without one fails the test, and so does an answer without its dialog, in check().
        """
        self._dialogs.answers.append(Answer(matching, button, values or {}, press, times, after, then))

    def cancel_progress(self, when: Callable[[Scope], bool]) -> None:
        """Press the cross of a progress bar once `when` is true of it; not every bar can be cancelled."""
        self._cancel = when

    def before_gate(self, act: Callable[[str], Any]) -> None:
        """Call `act(name of the action)` right before each gate opens: the user edits in the middle."""
        self._before_gate.append(act)

    def fail_write(self, photo: Photo, message: str, times: int = 1) -> None:
        """Let the next `times` writes to the photo raise `message` inside their gate."""
        photo.fail_write(message, times)

    # -- time --------------------------------------------------------------------------------------------

    def run(self, until: Callable[[], Any] | None = None, at_most_s: float = 3600.0) -> bool:
        """Let the tasks run until all are over, or until `until()` is true; return whether it came to that.

        `at_most_s` limits the host's clock. Where `until` is given and not reached, the test fails; without
        it False means that tasks still wait (a background loop).
        """
        end = self.now + at_most_s
        while not (until and until()):
            outcome = self._guarded(self.lua.step)
            if outcome is True:
                continue
            if outcome is None and until is None:
                return True
            if outcome is None or self.now + outcome > end:
                return self._out_of_time(until, end)
            self._sleep(outcome)
        return True

    def run_for(self, duration: float) -> None:
        """Let the tasks run for some seconds of the host's clock."""
        self.run(at_most_s=duration)

    def _sleep(self, duration: float) -> None:
        if self._real:
            really_sleep(min(duration, self._real))
        self.lua.now += duration

    def _out_of_time(self, until: Callable[[], Any] | None, end: float) -> bool:
        if until is not None:
            raise AssertionError(f"it did not come to that; tasks: {self.tasks}, errors: {self.errors}")
        self.lua.now = max(self.now, end)
        return False

    @property
    def on_execute(self) -> Callable[[str], int | RunningProgram] | None:
        """The hook of LrTasks.execute: returns the exit status or a program. Unset, a command fails."""
        return self.programs.on_execute

    @on_execute.setter
    def on_execute(self, run: Callable[[str], int | RunningProgram]) -> None:
        self.programs.on_execute = run

    def set_pref(self, name: str, value: Any) -> None:
        """Save a preference before the plug-in is loaded."""
        assert not self._loaded, "preferences are set before load(), or by the plug-in"
        self.lua.savedPrefs[name] = self.bridge.into(value)

    def knob(self, name: str, value: Any) -> None:
        """Change how the host behaves where Lightroom's way is not certain.

        emptyInPcall (rule 5), readsInGate (default true), separateCounters (photos have a counter of their
        own), timeZone (seconds ahead of UTC),
        order ("fifo" or "lifo"), stuckView (the view never changes), stuckSelection
        (selectNone does nothing), noLabel and otherLabel (the colour name that no label and a text of the
        user's own read back as), labelsReadGray (so do all labels, as in some localized hosts), writesXmp
        (JPEG, TIFF, DNG and PSD files are rewritten as soon as they are marked), batchSeconds (how long the
        batch read of one photo takes), searchHangs (a search for a field of the plug-in never returns).
        """
        self.lua.knobs[name] = self.bridge.into(value)

    def panel(self) -> list[Control]:
        """Draw the plug-in's section in the Plug-in Manager and return its controls."""
        table = self._guarded(self.lua.panel, self.info["LrPluginInfoProvider"].encode())
        return [control(each) for each in table.values()]

    def panel_trees(self) -> list[dict[str, Any]]:
        """Draw that section and return its trees of views."""
        return out(self._guarded(self.lua.panelTrees, self.info["LrPluginInfoProvider"].encode())) or []

    def lua_task(self, source: str) -> Any:
        """Run a piece of Lua as a task in the plug-in's environment; return its result, raise its error."""
        before = len(self.errors)
        self._guarded(self.lua.postText, source.encode(), b"test")
        self.run(until=lambda: self.lua.finished or len(self.errors) > before)
        if not self.lua.finished:
            raise LuaError(self.errors[-1]["message"])
        return out(self.lua.result)

    def lua_now(self, source: str) -> Any:
        """Run a piece of Lua in the plug-in's environment outside of any task, as a menu file is run."""
        return out(self._guarded(self.lua.runText, source.encode(), b"test"))

    # -- the end -----------------------------------------------------------------------------------------

    def check(self, errors: Sequence[str] = ()) -> None:
        """Fail where the plug-in broke a rule or left something behind.

        `errors` are patterns of the violations and task errors that the test expects.
        """
        self._raise_failures()
        bad = [*self.violations, *(f"{each['task']}: {each['message']}" for each in self.errors)]
        bad = [each for each in bad if not any(re.search(pattern, each) for pattern in errors)]
        bad += [f"{scope} was left behind" for scope in self.progress_scopes if self._is_leak(scope)]
        bad += [
            f"no dialog came for the answer {each.matching!r}" for each in self._dialogs.answers if each.left
        ]
        if self.lua.isOpen():
            bad.append("a gate is open")
        assert not bad, "\n\n".join(bad)

    def _is_leak(self, scope: Scope) -> bool:
        return scope.leaked or (not scope.is_done and not self.tasks)

"""The dialogs of the Lightroom plug-in, opened in the tests' stand-in for Lightroom.

Needs `tests` on the path of Python, which has the stand-in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dialog_html import Picture
from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon, better_reason, series, verdict
from plugin.host import Host
from plugin.info import menu_items
from plugin.literal_files import PLUGIN
from plugin.windows import Window

HOME = "/Users/you"
HOUR = 3600.0
BUTTONS = ("cancel", "other", "ok")


class Scene:
    """Lightroom with a shoot and the plug-in, in one language; `home` is an empty folder."""

    def __init__(self, home: Path, daemon: FakeDaemon, language: str) -> None:
        self.home = home
        self.daemon = daemon
        self.host = Host(PLUGIN, home, language=language)
        self.host.load()
        self.host.run_for(1)
        daemon.judge, daemon.compare = _judge, _compare
        daemon.tastes = ["mine", "weddings"]

    def shoot(self, count: int, **facts: Any) -> None:
        """Put photos into the catalog, and select them."""
        photos = [
            self.host.catalog.add_photo(f"{HOME}/Shoot/IMG_{n:04}.NEF", **facts) for n in range(1, count + 1)
        ]
        self.host.select(photos)

    def menu(self, file: str) -> None:
        """Choose a menu item by the name of its file and run it to its end."""
        assert any(item["file"] == file for item in menu_items(self.host.info))
        self.host.menu(file)
        self.host.run(at_most_s=HOUR)

    def dialog(self, name: str, number: int = -1) -> Picture:
        """Return a dialog that was shown, as a picture."""
        return self._picture(name, self.host.dialogs[number])

    def _picture(self, name: str, dialog: Dialog) -> Picture:
        buttons = [dialog.buttons[key] for key in BUTTONS if key in dialog.buttons]
        info = (dialog.info or "").replace(str(self.home), HOME)
        trees = [dialog.tree] if dialog.tree else []
        title = dialog.title or "Lightroom Classic"
        return Picture(name, title, trees, dialog.message or "", info, buttons)


def _judge(photo: dict[str, Any]) -> dict[str, Any]:
    """Of each ten photos the first is rejected, and two are left open."""
    digit = int(Path(photo["path"]).stem[-4:]) % 10
    return verdict("reject" if digit == 1 else "cannot_tell" if digit in (2, 3) else "keep")


def _compare(photos: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The photos 4 to 6 are a burst, of which number 4 is the best."""
    burst = photos[3:6]
    if len(burst) < 3:
        return {}
    best = burst[0]["path"]
    revised = {burst[0]["id"]: verdict(series=series(1, 3, best))}
    for rank, photo in enumerate(burst[1:], 2):
        reason = better_reason(best, blinking=[1], faces=2)
        revised[photo["id"]] = verdict("reject", reasons=[reason], series=series(rank, 3, best), score=0.61)
    return revised


def _cancelled(scene: Scene, name: str, file: str) -> Picture:
    """Open the dialog of a menu item and cancel it."""
    scene.host.answer_dialog("", "cancel")
    scene.menu(file)
    return scene.dialog(name)


def draw_run(scene: Scene) -> Picture:
    """*Auto-cull…*."""
    scene.shoot(40)
    return _cancelled(scene, "run", "MenuRun.lua")


def draw_stacks(scene: Scene) -> Picture:
    """The question about collapsed stacks."""
    scene.shoot(12)
    scene.host.catalog.stack(scene.host.catalog.photos[:5])
    scene.host.select(scene.host.catalog.photos[:1] + scene.host.catalog.photos[5:])
    return _cancelled(scene, "stacks", "MenuAutoCull.lua")


def draw_report(scene: Scene) -> Picture:
    """*Show last report*, after a run."""
    scene.shoot(20)
    scene.host.catalog.photos[9].rating = 5
    scene.menu("MenuAutoCull.lua")
    scene.menu("MenuReport.lua")
    return scene.dialog("report")


def draw_preview(scene: Scene) -> Picture:
    """*Preview verdicts…*."""
    scene.shoot(20)
    return _cancelled(scene, "preview", "MenuPreview.lua")


def draw_explain(scene: Scene) -> Picture:
    """*Explain this photo*."""
    scene.shoot(10)
    scene.menu("MenuAutoCull.lua")
    scene.host.select(scene.host.catalog.photos[:1])
    scene.menu("MenuExplain.lua")
    return scene.dialog("explain")


def draw_why(scene: Scene) -> Picture:
    """The Why window, with the better frame of a burst."""
    scene.shoot(10)
    scene.menu("MenuAutoCull.lua")
    scene.host.select(scene.host.catalog.photos[4:5])
    scene.host.menu("MenuWhy.lua")
    scene.host.run_for(5)
    window = Window(scene.host)
    picture = Picture("why", window.title, [window.tree])
    window.close()
    return picture


def draw_many(scene: Scene) -> Picture:
    """The question before many photos."""
    scene.shoot(2001)
    return _cancelled(scene, "many", "MenuAutoCull.lua")


def draw_self_test(scene: Scene) -> Picture:
    """*Developer: self-test*."""
    scene.shoot(3)
    return _cancelled(scene, "self-test", "MenuSelfTest.lua")


def draw_finish(scene: Scene) -> Picture:
    """*This shoot is finished*."""
    scene.shoot(20)
    scene.menu("MenuAutoCull.lua")
    return _cancelled(scene, "finish", "MenuFinish.lua")


def draw_previous_import(scene: Scene) -> Picture:
    """*Auto-cull previous import*."""
    scene.shoot(30)
    scene.host.catalog.previous_import(scene.host.catalog.photos)
    return _cancelled(scene, "previous-import", "MenuPreviousImport.lua")


def draw_interrupted(scene: Scene) -> Picture:
    """The question after a crash."""
    scene.shoot(30)
    scene.daemon.speed = 0
    scene.host.menu("MenuAutoCull.lua")
    scene.host.run_for(10)
    scene.host.kill()
    scene.host.load()
    return _cancelled(scene, "interrupted", "MenuAutoCull.lua")


def draw_undo(scene: Scene) -> Picture:
    """*Undo last auto-cull*."""
    scene.shoot(20)
    scene.menu("MenuAutoCull.lua")
    return _cancelled(scene, "undo", "MenuUndo.lua")


def draw_settings(scene: Scene) -> Picture:
    """*Settings…*."""
    return _cancelled(scene, "settings", "MenuSettings.lua")


def draw_learn(scene: Scene) -> Picture:
    """*Learn from my picks…*."""
    scene.shoot(300, flag=1)
    for photo in scene.host.catalog.photos[100:]:
        photo.flag = -1
    return _cancelled(scene, "learn", "MenuLearn.lua")


def draw_learned(scene: Scene) -> Picture:
    """What was learned."""
    scene.shoot(300, flag=1)
    for photo in scene.host.catalog.photos[100:]:
        photo.flag = -1
    promise = {"share": 0.02, "confidence": 0.95, "limit": 0.013, "selects": 100, "lost": 1}
    scene.daemon.learning_result = {"state": "done", "message": "", "acts": True, "promise": promise}
    scene.host.answer_dialog("", "ok")
    scene.menu("MenuLearn.lua")
    return _cancelled(scene, "learned", "MenuReport.lua")


def draw_panel(scene: Scene) -> Picture:
    """The plug-in's section in the Plug-in Manager."""
    scene.menu("MenuToggleWatch.lua")
    scene.host.run_for(5)
    trees = scene.host.panel_trees()
    for tree in trees:
        _replace(tree, str(scene.home), HOME)
    return Picture("panel", "Lightroom Plug-in Manager", trees)


def _replace(tree: dict[str, Any], old: str, new: str) -> None:
    if isinstance(tree.get("title"), str):
        tree["title"] = tree["title"].replace(old, new)
    for child in tree["children"]:
        _replace(child, old, new)


SCENES: dict[str, Callable[[Scene], Picture]] = {
    "run": draw_run,
    "many": draw_many,
    "stacks": draw_stacks,
    "interrupted": draw_interrupted,
    "previous-import": draw_previous_import,
    "preview": draw_preview,
    "report": draw_report,
    "explain": draw_explain,
    "why": draw_why,
    "undo": draw_undo,
    "finish": draw_finish,
    "learn": draw_learn,
    "learned": draw_learned,
    "settings": draw_settings,
    "panel": draw_panel,
    "self-test": draw_self_test,
}
"""How each dialog is opened, by the name of its picture."""


def open_dialog(name: str, home: Path, language: str = "en") -> Picture:
    """Return the dialog `name` as it is now; `home` is an empty folder."""
    with FakeDaemon(home) as daemon:
        return SCENES[name](Scene(home, daemon, language))

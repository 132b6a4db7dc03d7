"""The stand-in's dialogs: their content, and the answers of a test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugin.bridge import Bridge, out, text

BUTTONS = ("ok", "cancel", "other")


@dataclass
class Control:
    """One control of a dialog as it was when the dialog opened, or was read again."""

    kind: str
    title: Any
    value: Any
    key: str | None
    items: list[dict[str, Any]]
    enabled: bool
    visible: bool


@dataclass
class Dialog:
    """What the host showed: its words, its controls, and the button that was pressed."""

    kind: str
    title: str | None = None
    message: str | None = None
    info: str | None = None
    style: str | None = None
    buttons: dict[str, str] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)
    pressed: str | None = None
    tree: dict[str, Any] | None = None

    @property
    def texts(self) -> list[str]:
        """All words in it, from top to bottom."""
        shown = [control for control in self.controls if control.visible]
        words = [self.title, self.message, self.info, *(control.title for control in shown)]
        words += [control.value for control in shown if control.kind == "static_text"]
        return [str(each) for each in words if each]

    @property
    def text(self) -> str:
        """All words in it as one text, a line each."""
        return "\n".join(self.texts)

    @property
    def values(self) -> dict[str, Any]:
        """The value of each control that is bound, by the key that it is bound to."""
        return {control.key: control.value for control in self.controls if control.key}


@dataclass
class Answer:
    """What a test does with the dialog that it expects."""

    matching: str
    button: str
    values: Mapping[str, Any]
    press: Sequence[str]
    left: int | None
    after: float
    then: Callable[[Dialog], Any] | None

    def fits(self, dialog: Dialog) -> bool:
        """Whether it is meant for this dialog and not used up."""
        return self.left != 0 and re.search(self.matching, dialog.text) is not None


class Dialogs:
    """What was shown, and the answers that wait."""

    def __init__(self, bridge: Bridge) -> None:
        self.shown: list[Dialog] = []
        self.bezels: list[str] = []
        self.answers: list[Answer] = []
        self._bridge = bridge
        self._open: dict[int, tuple[Dialog, Answer | None]] = {}

    def noted(self, kind: str, what: Any) -> None:
        """Keep a bezel, or the dialog of an error."""
        result = out(what)
        if kind == "bezel":
            self.bezels.append(result["message"])
        else:
            self.shown.append(
                Dialog(result["kind"], title=result.get("title"), message=result.get("message"))
            )

    def open(self, shown: Any) -> float:
        """Show a dialog; return for how many seconds it stays open."""
        words = {key: text(shown[key]) for key in ("kind", "title", "message", "info", "style")}
        dialog = Dialog(**words, buttons={key: text(shown[key]) for key in BUTTONS if shown[key]})
        dialog.controls, dialog.tree = [control for control, _ in controls(shown)], tree(shown)
        self.shown.append(dialog)
        answer = next((each for each in self.answers if each.fits(dialog)), None)
        if answer is None and dialog.kind != "message":
            raise AssertionError(f"no answer is prepared for the dialog:\n{dialog.text}")
        if answer and answer.left is not None:
            answer.left -= 1
        shown["number"] = len(self.shown)
        self._open[len(self.shown)] = dialog, answer
        return answer.after if answer else 0.0

    def answer(self, shown: Any) -> str:
        """Apply the test's answer to the open dialog; return the button, or the chosen path."""
        dialog, answer = self._open.pop(shown["number"])
        if answer is None:
            dialog.pressed = "ok"
            return "ok"
        for title in answer.press:
            press(shown, title)
        for key, value in answer.values.items():
            put(shown, key, self._bridge.into(value))
        dialog.controls, dialog.tree = [control for control, _ in controls(shown)], tree(shown)
        if answer.then:
            answer.then(dialog)
        dialog.pressed = self._button(dialog, answer.button)
        return dialog.pressed

    @staticmethod
    def _button(dialog: Dialog, expected: str) -> str:
        """Return the name of the button that is called `wanted`, by its name or by its words."""
        if dialog.kind in ("open", "save") and expected != "cancel":
            return expected
        for name, words in dialog.buttons.items():
            if expected in (name, words):
                return name
        raise AssertionError(f"the dialog has the buttons {dialog.buttons}, not {expected!r}")


def controls(shown: Any) -> Iterator[tuple[Control, Any]]:
    """Return the controls of an open dialog as they are now, each with its Lua table."""
    if shown["controls"] is None:
        return
    for each in shown["controls"]().values():
        yield control(each), each


def tree(shown: Any) -> dict[str, Any] | None:
    """Return the tree of views of an open dialog or window as it is now, to be drawn; None for a message."""
    make = shown["tree"]
    return out(make()) if make else None


def control(each: Any) -> Control:
    """Return one control of Lua as it is."""
    names = ("kind", "title", "value", "key", "enabled", "visible")
    return Control(**{name: out(each[name]) for name in names}, items=out(each["items"]) or [])


def put(shown: Any, key: str, value: Any) -> None:
    """Set the control that is bound to `key`."""
    for result, each in controls(shown):
        if result.key == key:
            why = each["set"](value)
            if why:
                raise AssertionError(f"{key}: {text(why)}")
            return
    raise AssertionError(f"no control is bound to {key!r}")


def press(shown: Any, title: str) -> None:
    """Press the button with these words inside the dialog."""
    for result, each in controls(shown):
        if result.kind == "push_button" and result.title == title:
            why = each["press"]()
            if why:
                raise AssertionError(f"{title}: {text(why)}")
            return
    raise AssertionError(f"the dialog has no button {title!r}")

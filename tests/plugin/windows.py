"""The floating windows of the stand-in. Import with `from plugin.windows import Window`."""

from __future__ import annotations

from typing import Any

from plugin.bridge import text
from plugin.dialogs import Control, controls, press, tree
from plugin.host import Host


class Window:
    """The one floating window that is open; fails where there is none, or more than one."""

    def __init__(self, host: Host) -> None:
        self._host = host
        [self._record] = host.lua.windows.values()

    @property
    def controls(self) -> list[Control]:
        """Its controls as they are now."""
        return [control for control, _ in controls(self._record)]

    @property
    def title(self) -> str:
        """Its title."""
        return str(text(self._record.arguments.title))

    @property
    def tree(self) -> dict[str, Any]:
        """Its tree of views as it is now, to be drawn."""
        return tree(self._record) or {}

    @property
    def text(self) -> str:
        """All words that it shows now, a line each."""
        return "\n".join(str(each.title) for each in self.controls if each.visible and each.title)

    @property
    def photos_shown(self) -> int:
        """How many photos it shows now."""
        return sum(control.kind == "catalog_photo" and control.visible for control in self.controls)

    def press(self, title: str) -> None:
        """Press one of its buttons, and let the tasks go on for some seconds."""
        self._host.lua.userInput = True
        press(self._record, title)
        self._host.run_for(10)

    def close(self) -> None:
        """Close it as the user does, and let the tasks end."""
        self._record.close()
        self._host.run_for(2)

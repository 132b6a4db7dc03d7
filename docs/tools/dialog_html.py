"""Draw a dialog of the Lightroom plug-in as an HTML page, from the tree of views of the tests' stand-in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePosixPath
from typing import Any

Tree = dict[str, Any]

STYLE = textwrap.dedent("""\
    body { margin: 0; padding: 12px; background: #fff; font: 13px 'Liberation Sans', Arial, sans-serif; }
    .dialog { display: inline-block; background: #ececec; color: #222; border: 1px solid #999;
      border-radius: 8px; }
    .bar { background: #dcdcdc; border-bottom: 1px solid #bbb; border-radius: 8px 8px 0 0; padding: 5px;
      text-align: center; font-weight: bold; }
    .content { padding: 14px 16px; }
    .buttons { display: flex; justify-content: flex-end; gap: 8px; padding: 0 16px 14px; }
    .row { display: flex; gap: 8px; align-items: center; flex-wrap: nowrap; }
    .column { display: flex; flex-direction: column; gap: 8px; align-items: flex-start; }
    fieldset { margin: 0; border: 1px solid #bbb; border-radius: 5px; padding: 8px 10px; background: #e6e6e6;
      display: flex; flex-direction: column; gap: 8px; align-self: stretch; align-items: flex-start; }
    legend { font-weight: bold; padding: 0 4px; }
    .text { white-space: nowrap; overflow: hidden; }
    .wrapped { white-space: pre-wrap; }
    .off { opacity: 0.45; }
    .popup, .edit, .button { border: 1px solid #aaa; border-radius: 4px; background: #fff; padding: 2px 8px;
      white-space: nowrap; min-height: 23px; box-sizing: border-box; }
    .button { background: #f7f7f7; }
    .default { background: #2b6fd6; border-color: #2b6fd6; color: #fff; }
    .box { display: inline-block; width: 11px; height: 11px; border: 1px solid #888; border-radius: 2px;
      background: #fff; text-align: center; line-height: 11px; font-size: 11px; margin-right: 5px;
      vertical-align: middle; }
    .slider { position: relative; width: 150px; height: 4px; border-radius: 2px; background: #aaa; }
    .knob { position: absolute; top: -5px; width: 13px; height: 13px; margin-left: -7px; border-radius: 7px;
      background: #fff; border: 1px solid #777; }
    .photo { background: linear-gradient(160deg, #7d98b3, #b9c4c9 55%, #6d7a5c 56%, #4d5a43); color: #fff;
      display: flex; align-items: flex-end; }
    .photo span { padding: 4px; font-size: 11px; background: rgba(0, 0, 0, 0.35); }
    .message { font-weight: bold; margin-bottom: 6px; max-width: 60ch; white-space: pre-wrap; }
    .info { max-width: 66ch; white-space: pre-wrap; line-height: 1.35; }
    """)
ROOM = 3  # characters around a text whose width is shared
CHARACTER = 0.92  # of the width of a zero: what Lightroom allows for a character


@dataclass(frozen=True)
class Picture:
    """One dialog to be drawn: its name, and what is in it.

    A message has `message` and `info`, every other dialog has `trees`. `buttons` are in the order of the
    screen, the last one is the default.
    """

    name: str
    title: str
    trees: Sequence[Tree] = ()
    message: str = ""
    info: str = ""
    buttons: Sequence[str] = field(default=())


def draw_page(picture: Picture) -> str:
    """Return the HTML page of a dialog."""
    return "\n".join([
        "<!doctype html>",
        f'<html><head><meta charset="utf-8"><title>{escape(picture.title)}</title>',
        f"<style>\n{STYLE}</style></head>",
        '<body><div class="dialog">',
        f'<div class="bar">{escape(picture.title)}</div>',
        f'<div class="content">{_content(picture)}</div>',
        _buttons(picture.buttons),
        "</div></body></html>",
        "",
    ])  # fmt: skip


def _content(picture: Picture) -> str:
    if picture.trees:
        return "".join(map(_Drawing(_shares(picture.trees)).draw, picture.trees))
    parts = [("message", picture.message), ("info", picture.info)]
    return "".join(f'<div class="{name}">{escape(text)}</div>' for name, text in parts if text)


def _buttons(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    *others, default = titles
    parts = [f'<div class="button">{escape(title)}</div>' for title in others]
    parts.append(f'<div class="button default">{escape(default)}</div>')
    return f'<div class="buttons">{"".join(parts)}</div>'


def walk(tree: Tree) -> Iterator[Tree]:
    """Yield a view and all views in it that are shown."""
    if not tree.get("visible", True):
        return
    yield tree
    for child in tree.get("children") or []:
        yield from walk(child)


def _shares(trees: Sequence[Tree]) -> dict[str, float]:
    """Return the widths, in characters, that views share: that of the longest title."""
    widths: dict[str, float] = {}
    for tree in trees:
        for view in walk(tree):
            if view.get("share"):
                widths[view["share"]] = max(widths.get(view["share"], 0), _longest(view))
    return widths


def _longest(view: Tree) -> int:
    """Return the number of characters that a view has room for: its title, or the longest item of a menu."""
    titles = [item["title"] for item in view.get("items") or []]
    return max(map(len, [str(view.get("title") or ""), str(view.get("value") or ""), *titles]))


def is_cut_off(view: Tree) -> bool:
    """Return whether Lightroom would cut the text of a view off: a line that is longer than its width."""
    if view["kind"] != "static_text" or view.get("wrap") or not view.get("width_in_chars"):
        return False
    return max(map(len, str(view.get("title") or "").split("\n"))) > int(view["width_in_chars"])


class _Drawing:
    """Draws views; `shares` are the widths, in characters, that views share."""

    def __init__(self, shares: dict[str, float]) -> None:
        self._shares = shares

    def draw(self, view: Tree) -> str:
        """Return the HTML of a view with all in it; nothing for one that is hidden."""
        if not view.get("visible", True):
            return ""
        html = DRAWINGS[view["kind"]](self, view)
        return html if view.get("enabled", True) else f'<div class="off">{html}</div>'

    def row(self, view: Tree) -> str:
        return f'<div class="row">{self._children(view)}</div>'

    def column(self, view: Tree) -> str:
        return f'<div class="column">{self._children(view)}</div>'

    def group(self, view: Tree) -> str:
        return f"<fieldset><legend>{_title(view)}</legend>{self._children(view)}</fieldset>"

    def text(self, view: Tree) -> str:
        name = "wrapped" if view.get("wrap") else "text"
        return f'<div class="{name}"{self._style(view)}>{_title(view)}</div>'

    def popup(self, view: Tree) -> str:
        titles = [item["title"] for item in view.get("items") or [] if item["value"] == view.get("value")]
        return f'<div class="popup"{self._style(view)}>{escape(titles[0] if titles else "")} ▾</div>'

    def edit(self, view: Tree) -> str:
        return f'<div class="edit"{self._style(view)}>{escape(str(view.get("value") or ""))}</div>'

    def checkbox(self, view: Tree) -> str:
        mark = "✓" if view.get("value") else ""
        return f'<div><span class="box">{mark}</span>{_title(view)}</div>'

    def button(self, view: Tree) -> str:
        return f'<div class="button">{_title(view)}</div>'

    def slider(self, view: Tree) -> str:
        share = (view["value"] - view["min"]) / (view["max"] - view["min"])
        return f'<div class="slider"><div class="knob" style="left: {100 * share:.0f}%"></div></div>'

    def photo(self, view: Tree) -> str:
        name = PurePosixPath(str(view.get("photo") or "")).name
        size = f"width: {view.get('width') or 100:.0f}px; height: {(view.get('height') or 100) * 0.7:.0f}px"
        return f'<div class="photo" style="{size}"><span>{escape(name)}</span></div>'

    def _children(self, view: Tree) -> str:
        return "".join(map(self.draw, view.get("children") or []))

    def _style(self, view: Tree) -> str:
        styles = []
        if view.get("share"):
            styles.append(f"width: {self._shares[view['share']] + ROOM:.4g}ch")
        elif view.get("width_in_chars"):
            styles.append(f"width: {view['width_in_chars'] * CHARACTER:.4g}ch")
        if isinstance(view.get("width"), int | float):
            styles.append(f"width: {view['width']:.0f}px")
        if (view.get("height_in_lines") or 0) > 0:
            styles.append(f"min-height: {view['height_in_lines'] * 1.3:.4g}em")
        if "bold" in str(view.get("font") or ""):
            styles.append("font-weight: bold")
        return f' style="{"; ".join(styles)}"' if styles else ""


def _title(view: Tree) -> str:
    return escape(str(view.get("title") or ""))


DRAWINGS: dict[str, Callable[[_Drawing, Tree], str]] = {
    "row": _Drawing.row,
    "column": _Drawing.column,
    "group_box": _Drawing.group,
    "static_text": _Drawing.text,
    "popup_menu": _Drawing.popup,
    "edit_field": _Drawing.edit,
    "checkbox": _Drawing.checkbox,
    "push_button": _Drawing.button,
    "slider": _Drawing.slider,
    "catalog_photo": _Drawing.photo,
}
"""How each kind of view is shown."""

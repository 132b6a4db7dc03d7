"""Why a photo could not be judged: in Lightroom's language, by the daemon's codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from plugin.fake_daemon import FakeDaemon, unreadable
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.pure import Modules
from plugin.shoots import last_report, menu, shoot

CODES = sorted(set(re.findall(r"`(\w+)`", str(PhotoError.__doc__))))


def message(language: str, code: str) -> str:
    """What the plug-in shows for an error of the daemon."""
    modules = Modules(language)
    text: bytes = modules["PhotoErrors"].message(modules.table({"code": code, "message": "In English."}))
    return text.decode()


@pytest.mark.parametrize("code", CODES)
def test_german_lightroom_shows_no_english_message(code: str) -> None:
    """Each code that the daemon documents has a German text."""
    assert message("de", code) != "In English."


@pytest.mark.parametrize("code", CODES)
def test_english_lightroom_shows_the_daemons_message(code: str) -> None:
    """It has more detail than the code."""
    assert message("en", code) == "In English."


def test_code_of_a_later_daemon_is_named() -> None:
    """In English with its message, else by its code: no English sentence in another language."""
    assert message("en", "of_a_later_version") == "In English."
    assert message("de", "of_a_later_version") == "Die Datei ist nicht lesbar (of_a_later_version)."


def test_codes_are_found() -> None:
    """The documentation of the daemon's error names them."""
    assert len(CODES) == 15


def test_german_report_names_the_reason_in_german(daemon: FakeDaemon, tmp_path: Path) -> None:
    """Of each photo that could not be read."""
    daemon.judge = lambda photo: unreadable("The file ends early.")
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    shoot(host, tmp_path, 1)
    menu(host, "Auswahl automatisch sichten")
    assert "IMG_0001.JPG: Die Datei ist beschädigt." in last_report(host).text
    assert "The file ends early." not in last_report(host).text
    host.check()

"""The Why window: what is stored of the active photo, without a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import FakeDaemon, better_reason, series, verdict
from plugin.host import Host
from plugin.shoots import by_number, cull, menu, shoot
from plugin.windows import Window


def burst(photos: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Compare as a daemon does: all photos are one burst, of which the first is the best."""
    best, size = photos[0]["path"], len(photos)
    revised = {photos[0]["id"]: verdict(series=series(1, size, best))}
    for rank, photo in enumerate(photos[1:], 2):
        position = series(rank, size, best)
        revised[photo["id"]] = verdict("reject", reasons=[better_reason(best)], series=position)
    return revised


@pytest.fixture
def photos(host: Host, daemon: FakeDaemon, tmp_path: Path) -> list[Photo]:
    """Ten photos after a run: number 1 is rejected, 2 and 3 are doubtful, the others kept."""
    daemon.judge = by_number(rejects=2, doubts=2)
    result = shoot(host, tmp_path, 10)
    cull(host)
    host.select(result[:1])
    return result


def open_window(host: Host, title: str = "Why window") -> Window:
    """Choose the menu item and return the open window."""
    host.menu(title)
    host.run_for(5)
    return Window(host)


def test_window_shows_verdict_and_reasons(host: Host, photos: list[Photo]) -> None:
    """In words, with measured value and limit."""
    window = open_window(host)
    assert "IMG_0001.JPG" in window.text
    assert "Reject, score 0.12" in window.text
    assert "• Eyes closed on the marked face (open 3 %, limit 20 %)" in window.text
    window.close()


def test_window_follows_the_selection_without_a_job(
    host: Host, daemon: FakeDaemon, photos: list[Photo]
) -> None:
    """Another photo, another verdict; the daemon gets no request."""
    window = open_window(host)
    before = len(daemon.requests)
    host.select([photos[4]])
    host.run_for(5)
    assert "Keep, score 0.87" in window.text
    assert "There is no reason to reject it." in window.text
    host.select([])
    host.run_for(5)
    assert "No photo is selected" in window.text
    assert window.photos_shown == 0
    assert len(daemon.requests) == before
    window.close()


def test_window_shows_the_better_frame(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """With its name; the best frame itself is shown alone."""
    daemon.compare = burst
    frames = shoot(host, tmp_path, 3)
    cull(host)
    host.select([frames[2]])
    window = open_window(host)
    assert "Better: IMG_0001.JPG" in window.text
    assert "Burst: 3 of 3" in window.text
    assert window.photos_shown == 2
    host.select([frames[0]])
    host.run_for(5)
    assert "Better" not in window.text
    assert window.photos_shown == 1
    window.close()


def test_photo_that_was_not_judged_is_named(host: Host, tmp_path: Path) -> None:
    """With what to do."""
    shoot(host, tmp_path, 1)
    window = open_window(host)
    assert "Not judged yet" in window.text
    window.close()


@pytest.mark.parametrize(("button", "flag"), [("Keep", 1), ("Reject", -1)])
def test_buttons_set_the_flag_as_an_own_decision(
    host: Host, daemon: FakeDaemon, photos: list[Photo], button: str, flag: int
) -> None:
    """One step of the undo history; a later run with another verdict leaves the flag."""
    window = open_window(host)
    window.press(button)
    assert photos[0].flag == flag
    assert host.undo_steps[-1] == button
    assert host.bezels[-1] == {"Keep": "Picked", "Reject": "Rejected"}[button]
    window.close()
    daemon.judge = by_number(rejects=0 if flag == -1 else 10)
    host.select(photos)
    cull(host)
    assert photos[0].flag == flag


def test_next_doubtful_selects_the_next_open_photo(host: Host, photos: list[Photo]) -> None:
    """In the order of the filmstrip; after the last one a bezel is shown."""
    window = open_window(host)
    window.press("Next doubtful")
    assert host.selected == [photos[1]]
    assert "Cannot tell" in window.text
    window.press("Next doubtful")
    assert host.selected == [photos[2]]
    window.press("Next doubtful")
    assert host.selected == [photos[2]]
    assert host.bezels[-1] == "There is no further photo to review"
    window.close()


def test_window_is_opened_once(host: Host, photos: list[Photo]) -> None:
    """The second click brings it to the front; after it was closed, another one opens it anew."""
    window = open_window(host)
    again = open_window(host)
    assert again.text == window.text
    window.close()
    open_window(host).close()


def test_buttons_without_a_photo_do_nothing(host: Host, photos: list[Photo]) -> None:
    """No flag, no error."""
    window = open_window(host)
    host.select([])
    host.run_for(5)
    window.press("Keep")
    assert photos[0].flag == -1
    window.close()


def test_window_is_german_in_a_german_lightroom(german_host: Host, tmp_path: Path) -> None:
    """Verdict, buttons and what is missing."""
    shoot(german_host, tmp_path, 1)
    window = open_window(german_host, "Warum-Fenster")
    assert "Noch nicht beurteilt" in window.text
    assert "Nächstes unklares" in window.text
    window.close()
    menu(german_host, "Diese Serie vergleichen")
    assert german_host.bezels[-1] == "Dieses Foto gehört zu keiner Serie"

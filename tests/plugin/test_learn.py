"""*Learn from my picks…*: her own marks go to the daemon, and what it learned is told and may be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon, problem
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import UNMARKED, by_number, choose, cull, file, menu, shoot

ITEM = "Learn from my picks…"
ASK = "Only marks that you set yourself count"
PROMISE = {"share": 0.02, "confidence": 0.95, "limit": 0.013, "selects": 130, "lost": 1}


def culled_by_hand(host: Host, folder: Path) -> list[Photo]:
    """Four photos, of which she picked one and rejected two."""
    photos = shoot(host, folder, 4)
    photos[0].flag, photos[1].flag, photos[2].flag = 1, -1, -1
    return photos


def learn(host: Host, name: str = "mine", then: str | None = "Close") -> Dialog:
    """Choose the item, give the taste a name, and return the last dialog; `then` answers what was learned."""
    host.answer_dialog(ASK, "Learn", {"name": name})
    if then:
        host.answer_dialog("is learned", then)
    menu(host, ITEM)
    return host.dialogs[-1]


def test_her_decisions_go_to_the_daemon(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Path and decision of each, counted in the window before; nothing is written to the catalog."""
    photos = culled_by_hand(host, tmp_path)
    before = [photo.marks for photo in photos]
    learn(host, "my weddings")
    asked = next(dialog for dialog in host.dialogs if ASK in dialog.text)
    assert "1 photos picked and 2 rejected or passed over, among 4" in asked.texts
    assert daemon.decisions == [
        {"path": photos[0].path, "decision": "select"}, {"path": photos[1].path, "decision": "reject"},
        {"path": photos[2].path, "decision": "reject"},
    ]  # fmt: skip
    assert [each["name"] for each in daemon.learnings.values()] == ["my weddings"]
    assert [photo.marks for photo in photos] == before
    assert all(scope.is_done for scope in host.progress_scopes)


def test_our_own_marks_teach_nothing(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A learner fed with its own verdicts would only confirm them."""
    daemon.judge = by_number(rejects=5)
    photos = shoot(host, tmp_path, 10)
    cull(host)
    menu(host, ITEM)
    assert "There is nothing to learn from" in host.dialogs[-1].text
    assert daemon.learnings == {}
    photos[1].flag, photos[7].flag = 1, -1
    learn(host)
    decided = {each["path"]: each["decision"] for each in daemon.decisions}
    assert decided == {photos[1].path: "select", photos[7].path: "reject"}


def test_without_a_selection_all_that_is_shown_counts(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The shown source; videos and virtual copies stay out."""
    photos = culled_by_hand(host, tmp_path)
    host.catalog.add_photo(photos[3].path, copy_of=photos[3], flag=1)
    host.catalog.add_photo(file(tmp_path, 9, "MOV"), flag=1)
    host.select([])
    learn(host)
    assert len(daemon.decisions) == 3


def test_many_decisions_go_in_pieces(host: Host, daemon: FakeDaemon) -> None:
    """At most 1,000 at once."""
    photos = [host.catalog.add_photo(f"/s/{n:05}.NEF", flag=1 if n % 9 == 0 else -1) for n in range(2500)]
    host.select(photos)
    learn(host)
    sizes = [
        len(asked.body["decisions"]) for asked in daemon.asked if asked.body and "decisions" in asked.body
    ]
    assert sizes == [1000, 1000, 500]
    assert len(daemon.decisions) == 2500


@pytest.mark.parametrize(
    ("lesson", "words"),
    [
        (
            {"acts": True, "promise": PROMISE},
            "It rejects at most 2.0 % of your selects (sure to 95 %); of those held out 1 of 130.",
        ),
        (
            {"acts": True, "promise": {**PROMISE, "limit": 0}},
            "It rejects nothing yet: 130 picks are too few for a promise.",
        ),
        ({"acts": False, "promise": PROMISE}, "So it only shows how likely you would select a photo"),
    ],
)
def test_what_was_learned_is_told(
    host: Host, daemon: FakeDaemon, tmp_path: Path, lesson: dict[str, Any], words: str
) -> None:
    """Whether it acts, and what it promises about harm."""
    culled_by_hand(host, tmp_path)
    daemon.lesson = {"state": "done", "message": "Learned.", **lesson}
    assert words in learn(host).text


def test_a_taste_is_used_where_she_says_so(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """It becomes the setting, which goes with the next job; before that no job names one."""
    culled_by_hand(host, tmp_path)
    cull(host)
    assert "taste" not in daemon.job.order
    learn(host, "my weddings", "Use it from now on")
    assert host.prefs["taste"] == "my weddings"
    cull(host)
    assert daemon.job.order["taste"] == "my weddings"


def test_the_report_is_shown(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """In its folder; the question stays open meanwhile."""
    culled_by_hand(host, tmp_path)
    report = file(tmp_path, 1, "html")
    daemon.lesson = {"state": "done", "message": "Learned.", "acts": False, "report": str(report)}
    host.answer_dialog(ASK, "Learn")
    host.answer_dialog("is learned", "Show the report", times=1)
    host.answer_dialog("is learned", "Close")
    menu(host, ITEM)
    assert len([dialog for dialog in host.dialogs if "is learned" in dialog.text]) == 2


def test_that_nothing_was_learned_is_told_in_the_daemons_words(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Too few decisions, and what is missing."""
    culled_by_hand(host, tmp_path)
    daemon.lesson = {"state": "failed", "message": "There are 3 decisions; 200 are needed."}
    said = learn(host, then=None).text
    assert "Nothing was learned" in said
    assert "There are 3 decisions; 200 are needed." in said


def test_a_daemon_that_refuses_is_told(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """It learns already, or restarted in the middle."""
    culled_by_hand(host, tmp_path)
    refusal = problem(409, "wrong_state", "Autocull is learning already.")
    daemon.on_request = lambda asked: refusal if asked.path == "/v1/learnings" else None
    assert "Autocull is learning already." in learn(host, then=None).text


def test_it_can_be_cancelled_while_it_learns(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The daemon's process is ended, and nothing is learned."""
    culled_by_hand(host, tmp_path)
    host.cancel_progress(lambda scope: bool(daemon.learnings))
    said = learn(host, then=None).text
    assert "It was cancelled: nothing was learned" in said
    assert [each["state"] for each in daemon.learnings.values()] == ["cancelled"]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_taste_needs_a_name(host: Host, daemon: FakeDaemon, tmp_path: Path, name: str) -> None:
    """The window comes back until there is one, or she gives up."""
    culled_by_hand(host, tmp_path)
    host.answer_dialog(ASK, "Learn", {"name": name}, times=1)
    host.answer_dialog(ASK, "cancel")
    menu(host, ITEM)
    assert any("A taste needs a name" in dialog.text for dialog in host.dialogs)
    assert daemon.learnings == {}


def test_the_name_in_use_is_proposed(host: Host, tmp_path: Path) -> None:
    """To learn it anew; else it is "mine"."""
    culled_by_hand(host, tmp_path)
    host.answer_dialog(ASK, "cancel")
    menu(host, ITEM)
    assert host.dialogs[-1].values["name"] == "mine"
    choose(host, taste="weddings")
    host.answer_dialog(ASK, "cancel")
    menu(host, ITEM)
    assert host.dialogs[-1].values["name"] == "weddings"


def test_it_speaks_german(daemon: FakeDaemon, tmp_path: Path) -> None:
    """From the menu to the promise."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    photos = culled_by_hand(host, tmp_path)
    daemon.lesson = {"state": "done", "message": "Learned.", "acts": True, "promise": PROMISE}
    host.answer_dialog("Es zählen nur Markierungen", "Lernen")
    host.answer_dialog("ist gelernt", "Schließen")
    menu(host, "Aus meiner Auswahl lernen…")
    assert "Er lehnt höchstens 2.0 % Ihrer Auswahl ab (zu 95 % sicher)" in host.dialogs[-1].text
    assert photos[3].marks == UNMARKED
    host.check()

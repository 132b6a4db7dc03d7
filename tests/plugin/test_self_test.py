"""*Developer: self-test*: its outcomes, its confirmation before a write, and that it restores everything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN, ROOT

TITLE = "Developer: self-test"
QUESTION = "May the self-test write to one photo"
READS = [
    "host", "settings", "daemon", "rawKeys", "formattedKeys", "unknownKey", "formats", "paths", "stacks",
    "searches", "fieldSearches", "labelWords", "labelColours", "thumbnail", "globals",
]  # fmt: skip
WRITES = [
    "rating",
    "flag",
    "labels",
    "labelTexts",
    "readInGate",
    "busyGate",
    "counter",
    "privateGate",
    "restore",
    "everyPhoto",
]


@pytest.fixture
def host(tmp_path: Path, daemon: FakeDaemon) -> Host:
    """Lightroom with a few photos of all sorts, selected."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    photos = [
        host.catalog.add_photo("/shoot/1.NEF", rating=2, label="green", flag=1, thumbnail=b"x" * 900),
        host.catalog.add_photo("/shoot/höhe.HEIC", captured="2020-01-01T10:00:00"),
        host.catalog.add_photo("/shoot/3.JPG", exists=False, touched="2024-01-01T10:00:00"),
    ]
    host.select(photos)
    return host


def run(host: Host, button: str) -> dict[str, str]:
    """Choose the item, answer the question, and return the report's lines by name."""
    host.answer_dialog(QUESTION, button)
    host.menu(TITLE)
    host.run_for(300)
    (path,) = host.revealed
    return lines(Path(path).read_text("utf-8"))


def lines(report: str) -> dict[str, str]:
    """The findings of a report by name."""
    return dict(re.findall(r"^(\w+): (.*)$", report.split("To be checked by hand")[0], re.M))


def test_only_reading_writes_nothing(host: Host) -> None:
    """*Only read* opens no gate, and the report states that nothing was written."""
    result = run(host, "Only read")
    assert list(result) == READS
    assert not host.gates
    assert "nothing was written, as chosen" in Path(host.revealed[0]).read_text("utf-8")
    host.check()


def test_cancel_does_nothing(host: Host) -> None:
    """No report, no write, no request."""
    host.answer_dialog(QUESTION, "cancel")
    host.menu(TITLE)
    host.run_for(60)
    assert not host.revealed
    assert not host.gates
    assert not host.http_requests
    host.check()


def test_dialog_names_the_photo(host: Host) -> None:
    """It shows which photo will be written to, and what else happens, before anything does."""
    host.answer_dialog(QUESTION, "cancel")
    host.menu(TITLE)
    host.run_for(60)
    assert "1.NEF" in host.dialogs[0].text
    assert "collection set" in host.dialogs[0].text
    host.check()


def test_report_holds_every_check(host: Host) -> None:
    """All checks of the host checklist are in the report, and none of them failed."""
    result = run(host, "Write and restore")
    assert list(result) == [*READS, *WRITES]
    assert not [line for line in result.items() if line[1].startswith("FAILED")]
    host.check()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("host", r"^Lightroom 14.*macOS"),
        ("settings", r"profile=balanced, taste=, strictness=0, policy=respect"),
        ("daemon", r"^version 0\.2\.0, ready after"),
        ("rawKeys", r"^(\d+) of \1 supported$"),
        ("formattedKeys", r"^(\d+) of \1 supported$"),
        ("unknownKey", r'^refused: .*Unknown key: "fileName"'),
        ("formats", r"^1 HEIC=HEIC, 1 JPG=JPG, 1 NEF=RAW$"),
        ("paths", r"^1 ASCII MISSING, 1 ASCII found, 1 non-ASCII found$"),
        ("stacks", r"^none$"),
        ("searches", r"touchTime finds 2 photos in .*, 2 of the 3 selected; captureTime finds 0 photos"),
        ("fieldSearches", r"^any returns 0 photos after .*; beginsWith returns 0 photos after "),
        ("labelWords", r"blue"),
        ("labelColours", r'^1 "Green" -> green, 2 no label -> gray$'),
        ("thumbnail", r"^900 bytes after"),
        ("globals", r"^self-test number 1 "),
        ("rating", r"^0 is refused: .*Invalid rating: 0; 3 -> 3; nil -> nil$"),
        ("flag", r"^-1 -> -1; 0 -> 0; 1 -> 1$"),
        (
            "labels",
            r"^red -> red \(Red\); .*; none -> gray \(\)$",
        ),
        (
            "labelTexts",
            r"^Autocull self-test -> Autocull self-test, other; Select -> Select, other; Red -> Red, red",
        ),
        ("readInGate", r"^stars reads .*; label reads .*; field reads nil$"),
        ("busyGate", r"^with timeout: aborted; without: error .*write access"),
        ("counter", r"^a new collection set: \d+; highest photo: 2 of the recent, 3 of the selected$"),
        ("privateGate", r"^executed, reads written$"),
        ("restore", r"^as before: stars 2, flag 1, label Green$"),
        ("everyPhoto", r"^3 photos in "),
    ],
)
def test_outcomes_of_the_checks(host: Host, name: str, words: str) -> None:
    """Each check reports what this host does; the stand-in does what is documented of Lightroom."""
    assert re.search(words, run(host, "ok")[name]), name


@pytest.mark.parametrize(
    "before",
    [
        {"rating": 4, "label": "purple", "flag": -1},
        {"rating": None, "label": "none", "flag": 0},
        {"rating": 1, "label": "Print this", "flag": 1},
    ],
)
def test_photo_is_restored(host: Host, before: dict[str, Any]) -> None:
    """Stars, flag and label are as before, even a custom label; no other photo was changed."""
    first, *others = host.catalog.photos
    first.rating, first.label, first.flag = before["rating"], before["label"], before["flag"]
    untouched = [photo.marks for photo in others]
    result = run(host, "ok")
    assert first.marks == (before["rating"], before["label"], before["flag"])
    assert [photo.marks for photo in others] == untouched
    assert result["restore"].startswith("as before")
    assert not host.catalog.collection_sets
    host.check()


def test_cancelled_self_test_restores_the_photo(host: Host) -> None:
    """A cancel ends the checks, but not the last of them."""
    first = host.catalog.photos[0]
    host.cancel_progress(lambda scope: scope.caption == "labels")
    result = run(host, "ok")
    assert first.marks == (2, "green", 1)
    assert "restore" in result
    assert "busyGate" not in result
    host.check()


def test_failed_check_is_reported(host: Host) -> None:
    """An error of the host is in the report, and the other checks continue."""
    host.fail_write(host.catalog.photos[0], "the host is in a mood", times=2)
    result = run(host, "ok")
    assert "mood" in result["rating"]
    assert result["flag"] == "-1 -> -1; 0 -> 0; 1 -> 1"
    assert result["restore"].startswith("as before")
    host.check()


def test_host_that_cannot_read_in_a_gate_is_reported(host: Host) -> None:
    """Differences between systems are in capitals."""
    host.knob("readsInGate", value=False)
    assert run(host, "ok")["readInGate"].startswith("stars REFUSED")
    host.check()


def test_second_counter_is_reported(host: Host) -> None:
    """The import watch needs one counter: where there are two, the report names them."""
    host.knob("separateCounters", value=True)
    host.catalog.lua_host.lastPhotoId = 100
    host.catalog.add_photo("/shoot/4.NEF")
    assert run(host, "ok")["counter"].startswith("NO COUNTER")
    host.check()


def test_missing_daemon_is_reported(host: Host, daemon: FakeDaemon) -> None:
    """With the hint that a proxy has the same symptoms."""
    daemon.die(clean=True)
    result = run(host, "Only read")
    assert result["daemon"].startswith("NOT READY")
    assert "proxy" in result["daemon"]
    host.check()


def test_globals_show_whether_they_survive_a_reload(host: Host) -> None:
    """Run twice without a reload, the number increases."""
    run(host, "Only read")
    host.revealed.clear()
    assert run(host, "Only read")["globals"].startswith("self-test number 2 ")
    host.revealed.clear()
    host.reload_plugin()
    assert run(host, "Only read")["globals"].startswith("self-test number 1 ")
    host.check()


def test_manual_checks_are_listed(host: Host) -> None:
    """They are at the end of the report and in the guide, one for one."""
    run(host, "Only read")
    text = Path(host.revealed[0]).read_text("utf-8")
    checks = re.findall(r"^- .*:$", text.split("To be checked by hand:")[1], re.M)
    guide = (ROOT / "docs/lightroom.md").read_text("utf-8")
    listed = re.findall(r"^\d+\. ", guide.split("## What a person should check")[1], re.M)
    assert len(checks) == len(listed) == 10
    host.check()


def test_self_test_is_refused_during_a_run(host: Host, daemon: FakeDaemon) -> None:
    """While photos are culled the self-test waits for another day."""
    daemon.speed = 0
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.jobs)
    host.answer_dialog(QUESTION, "ok")
    host.menu(TITLE)
    host.run_for(20)
    assert host.dialogs[-1].message == "Autocull is at work"
    assert not host.revealed
    host.check()


def test_report_is_saved_if_the_home_folder_is_not_writable(host: Host, tmp_path: Path) -> None:
    """It is then saved in the folder for temporary files."""
    (tmp_path / ".autocull" / "self-test.txt").mkdir(parents=True)
    (tmp_path / "Temp").mkdir(exist_ok=True)
    result = run(host, "Only read")
    assert Path(host.revealed[0]).name == "autocull-self-test.txt"
    assert "host" in result
    host.check()


def test_dialog_is_german_in_a_german_lightroom(tmp_path: Path, daemon: FakeDaemon) -> None:
    """The report is for developers, and in English."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    host.select([host.catalog.add_photo("/shoot/1.NEF")])
    host.answer_dialog("Darf der Selbsttest ein Foto verändern", "Nur lesen")
    host.menu("Entwickler: Selbsttest")
    host.run_for(60)
    assert "1.NEF" in host.dialogs[0].text
    assert "To be checked by hand:" in Path(host.revealed[0]).read_text("utf-8")
    host.check()


def test_stacks_of_the_selection_are_reported(host: Host) -> None:
    """They show whether a collapsed stack counts as its top photo only."""
    stacked = [host.catalog.add_photo(f"/shoot/{number}.NEF") for number in range(5, 9)]
    host.catalog.stack(stacked)
    host.select(stacked)
    assert run(host, "Only read")["stacks"] == "1 top of collapsed stack of 4 with 4 members"
    host.check()


def test_paths_of_network_shares_are_reported(tmp_path: Path, daemon: FakeDaemon) -> None:
    """On Windows a share is reported as such, and whether the host finds the file there."""
    host = Host(PLUGIN, tmp_path, platform="win")
    host.load()
    host.select([host.catalog.add_photo("\\\\nas\\Höhe\\1.NEF"), host.catalog.add_photo("C:\\2.NEF")])
    assert run(host, "Only read")["paths"] == "1 ASCII found, 1 non-ASCII UNC found"
    host.check()


def test_at_most_500_photos_are_read(host: Host) -> None:
    """A selection of thousands neither freezes the host nor fills the report."""
    host.select([host.catalog.add_photo(f"/many/{number}.NEF") for number in range(1200)])
    assert run(host, "Only read")["formats"] == "500 NEF=RAW"
    assert max(query["count"] for query in host.queries) == 500
    host.check()


def test_invalid_settings_are_reported(tmp_path: Path, daemon: FakeDaemon) -> None:
    """An invalid stored value is in capitals, with the reason."""
    host = Host(PLUGIN, tmp_path)
    host.set_pref("policy", "replace")
    host.load()
    host.select([host.catalog.add_photo("/shoot/1.NEF")])
    result = run(host, "Only read")["settings"]
    assert "policy=respect" in result
    assert "REFUSED policy must be one of respect, fill, overwrite" in result
    host.check()


def test_search_that_never_returns_is_reported(host: Host) -> None:
    """Its task stays behind; the self-test goes on, restores the photo and shows its report."""
    host.knob("searchHangs", value=True)
    host.answer_dialog(QUESTION, "ok")
    host.menu(TITLE)
    host.run(until=lambda: host.revealed, at_most_s=600)
    result = lines(Path(host.revealed[0]).read_text("utf-8"))
    assert result["fieldSearches"].startswith("any DOES NOT RETURN after 20")
    assert result["restore"].startswith("as before")


def test_labels_of_a_localized_host_are_reported(host: Host) -> None:
    """Where all labels read back as gray, and no label as "grey"."""
    host.knob("labelsReadGray", value=True)
    host.knob("noLabel", "grey")
    result = run(host, "Only read")["labelColours"]
    assert re.fullmatch(r'1 "Green" -> other, 2 no label -> grey', result)

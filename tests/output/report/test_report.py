"""Tests of the report: complete, self-contained, safe against hostile names, and written in little memory."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tempfile
import weakref
from collections import Counter
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autocull.errors import MarksError
from autocull.judge import PROFILES, REASON_TEXTS, Settings
from autocull.judge.texts.labels import DEFECT_NAMES
from autocull.judge.verdict import BetterFrame, Marks, Reason
from autocull.output.report.cards import Card, build_card, make_printable
from autocull.output.report.histograms import ANSWERS, BINS, Histogram, Histograms
from autocull.output.report.report import ReportWriter
from autocull.output.result import Judged, Result
from autocull.pipeline.thumbnail import make_thumbnail
from autocull.read.photo import Box, Capture
from autocull.series.model import Kind, SeriesPosition
from support.evidence_builders import evidence, face, focus
from support.result_factories import judged, unreadable

SMALL = make_thumbnail(np.full((60, 90, 3), 128, np.uint8))
HOSTILE = (
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(1)>.jpg',
    "' onmouseover='alert(1).jpg",
    "{{ 7 * 7 }}{% raw %}.jpg",
    "</template></script><!--.jpg",
    "a\x00\x1b[31m\x9b\x7f.jpg",
    "gpj.\u202egnp.exe",
    "\udcff\udcfe.jpg",
    "<!-- cards -->.jpg",
    "&amp;&#60;.jpg",
)


class ParsedPage(HTMLParser):
    """A parsed page: its elements with their attributes, and the visible texts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.inline: dict[str, str] = {}
        self.data: list[dict[str, Any]] = []
        """The data of each card; the texts in it are visible texts too."""
        self.source = source
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = "data" if ("type", "application/json") in attrs else tag

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Note a text, and the inline style and script apart."""
        if self._inside == "data":
            self.data.append(json.loads(data))
            self.texts += list_texts(self.data[-1])
        elif self._inside in ("style", "script"):
            self.inline[self._inside] = data
        elif data.strip():
            self.texts.append(data.strip())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of every such element; `cls` is a class that it must have."""
        matches = [attributes for name, attributes in self.elements if name == tag]
        return [each for each in matches if wanted.get("cls", "") in ["", *each.get("class", "").split()]]


def list_texts(value: object) -> list[str]:
    """Return all texts of a JSON value."""
    if isinstance(value, str):
        return [value]
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in list_texts(part)]


def write_page(
    path: Path, *results: Result, small: bytes | None = SMALL, title: str = "A shoot"
) -> ParsedPage:
    """Write a report and parse it."""
    with closing(
        ReportWriter(path, title=title, settings=Settings(), find_thumbnail=lambda _: small)
    ) as writer:
        for result in results:
            writer.add(result)
        writer.finish()
    return ParsedPage(path.read_bytes().decode("utf-8"))


@pytest.fixture
def page(tmp_path: Path) -> ParsedPage:
    """Write the report of a small shoot with every verdict."""
    return write_page(
        tmp_path / "report.html",
        judged(tmp_path / "good.NEF", tmp_path / "good.JPG", marks=Marks(4, "green", 1)),
        judged(tmp_path / "blink.jpg", faces=(face(0.02), face(0.9, prominence=0.3))),
        judged(tmp_path / "dusk.jpg", defects={"too_dark": 0.7}),
        judged(tmp_path / "soft.jpg", focus=focus(0.05), defects={"defocus": 0.95}),
        unreadable(tmp_path / "broken.jpg", message="The file is empty."),
    )


def in_series(
    name: str, rank: int, kind: Kind = "burst", *, best: str = "a.jpg", series: str = "1" * 12
) -> Judged:
    """Make a frame with a rank in a series of three."""
    alone = judged(Path(name))
    position = SeriesPosition(series, kind, rank, 3, Path(best))
    reason = Reason("better_in_series", 0.5, 0.9, None, BetterFrame(Path(best), sharp=0.2))
    reasons = () if rank == 1 or kind != "burst" else (reason,)
    return replace(alone, verdict=replace(alone.verdict, series=position, reasons=reasons))


def test_cards_have_series_and_rank(tmp_path: Path) -> None:
    """Cards can be sorted and selected by series; the best is marked, the kinds are counted."""
    single = judged(tmp_path / "alone.jpg")
    frames = [in_series("b.jpg", 2), in_series("a.jpg", 1), single, in_series("c.jpg", 3)]
    page = write_page(tmp_path / "report.html", *frames)
    cards = page.all("li", cls="card")
    assert [(card.get("data-series"), card.get("data-rank")) for card in cards] == [
        ("1" * 12, "2"), ("1" * 12, "1"), (None, None), ("1" * 12, "3"),
    ]  # fmt: skip
    assert [(each["sibling"] or {}).get("best") for each in page.data] == [False, True, None, False]
    assert "Burst 2/3" in page.texts
    assert "Burst 1/3 · best" in page.texts
    assert page.all("option", cls="")[1]["value"] == "series"
    assert len(page.all("span", cls="kind")) == 1
    assert any("Frame a.jpg of this series is better: sharper by 20 %" in text for text in page.texts)


def test_bracket_has_no_best_frame(tmp_path: Path) -> None:
    """The frames of a bracket have their position and a note that they are kept whole."""
    page = write_page(
        tmp_path / "report.html", *(in_series(f"{rank}.jpg", rank, "bracket") for rank in (1, 2, 3))
    )
    assert not any(each["sibling"]["best"] for each in page.data)
    assert page.data[0]["sibling"]["about"].startswith("Bracket of 3: frame 1, kept whole")


def test_page_without_series_has_no_controls_for_them(page: ParsedPage) -> None:
    """There is no order by series, and nothing to select."""
    assert page.all("span", cls="kind") == []
    assert not any(each["sibling"] for each in page.data)
    assert "series" not in {option["value"] for option in page.all("option")}


@pytest.mark.parametrize("name", HOSTILE)
def test_better_frames_name_is_escaped(tmp_path: Path, name: str) -> None:
    """Names of other frames occur in reasons: they are escaped and printable there too."""
    page = write_page(tmp_path / "report.html", in_series("b.jpg", 2, best=name))
    assert len(page.all("li", cls="card")) == 1
    assert not page.all("script", cls="x")
    assert all(attributes.keys().isdisjoint({"onerror", "onmouseover"}) for _, attributes in page.elements)
    assert not re.search(r"[\x00-\x08\x1b\x7f\u202e]", page.source)


def test_every_photo_has_its_card(page: ParsedPage) -> None:
    """One card per frame in their order, with verdict, reasons and score to filter and sort by."""
    cards = page.all("li", cls="card")
    assert [card["data-name"] for card in cards] == [
        "good.NEF",
        "blink.jpg",
        "dusk.jpg",
        "soft.jpg",
        "broken.jpg",
    ]
    assert [card["data-verdict"] for card in cards] == [
        "keep",
        "reject",
        "cannot_tell",
        "reject",
        "unreadable",
    ]
    assert cards[1]["data-reasons"].split() == ["eyes_closed"]
    assert all(0 <= float(card["data-score"]) <= 1 for card in cards)


def test_head_counts_verdicts_and_reasons(page: ParsedPage) -> None:
    """The counts in the head are those of the cards below it."""
    text = " ".join(page.texts)
    for words in ("All 5", "Keep 1", "Reject 2", "Cannot tell 1", "Unreadable 1", "5 photos"):
        assert words in text
    chips = [button["data-reason"] for button in page.all("button") if "data-reason" in button]
    codes = Counter(code for card in page.all("li", cls="card") for code in card["data-reasons"].split())
    assert set(chips) == {code for code in codes if not code.startswith("error_")}
    assert all(f"{REASON_TEXTS[code].name} {codes[code]}" in text for code in chips)


def test_reasons_marks_and_facts_are_shown(page: ParsedPage) -> None:
    """Sentences, stars, label, flag, capture data and advice are on the page."""
    text = " ".join(page.texts)
    assert "Eyes closed on the marked face (open 2 %, limit 12 %)" in text
    assert REASON_TEXTS["eyes_closed"].advice in text
    assert "Example One · 2024-05-01 10:11:12 · 6000 \u00d7 4000 · landscape" in text
    assert "good.NEF + good.JPG" in text
    assert "The file is empty." in text
    assert next((each["rating"], each["label"], each["flag"]) for each in page.data) == (4, "green", 1)
    assert {each["sign"] for each in page.data} == {"✓", "✕", "?", "!"}


def test_faces_and_the_subject_are_outlined(page: ParsedPage) -> None:
    """Each face has an outline by its state with a caption, the soft subject its own."""
    assert [face["kind"] for face in page.data[1]["faces"]] == ["closed", "open"]
    assert page.data[1]["faces"][0]["words"] == "eyes closed, 2 %"
    assert [each["subject"] and each["subject"]["kind"] for each in page.data] == [
        "sharp", "sharp", "sharp", "soft", None,
    ]  # fmt: skip


def test_histograms_have_their_limits(page: ParsedPage) -> None:
    """Score, sharpness, eyes and each defect have a histogram, with the limits that decided."""
    histograms = [each["aria-label"] for each in page.all("svg") if "Histogram" in each.get("aria-label", "")]
    assert len(histograms) == 3 + len(DEFECT_NAMES)
    assert any("Eyes open over 1 photos, rejects at 12 %, in doubt at 35 %" in each for each in histograms)


def test_page_cannot_use_the_network(page: ParsedPage) -> None:
    """No URL leads outside, and the policy names the page's own style and script by checksum."""
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert attributes.get(name, "#").startswith(("data:image/", "#"))
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    policy = next(
        each["content"] for each in page.all("meta") if "Content-Security" in each.get("http-equiv", "")
    )
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        checksum = hashlib.sha256(page.inline[kind].encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(checksum).decode()}'" in policy
    assert "url(" not in page.inline["style"]
    assert "@import" not in page.inline["style"]
    assert not re.search(r"fetch|XMLHttp|innerHTML|eval|document\.write|https?:", page.inline["script"])


def test_page_is_accessible(page: ParsedPage) -> None:
    """It has language, alternative texts, labels for every control, a skip link, and reduced motion."""
    assert page.all("html")[0]["lang"] == "en"
    assert "blink.jpg: Reject; 2 faces; Eyes closed" in page.data[1]["about"]
    assert page.all("noscript")
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {each["href"][1:] for each in page.all("a")} <= ids
    assert 'aria-label="Search' in page.source
    for words in ("prefers-reduced-motion", ":focus-visible"):
        assert words in page.inline["style"]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_cannot_inject_elements(tmp_path: Path, name: str) -> None:
    """With any file name, camera or error, the page has the same elements as with a harmless one."""

    def write_named(text: str, file: str) -> ParsedPage:
        photo_evidence = evidence(capture=Capture(camera=text, taken=text), faces=(face(0.02),))
        results = (
            judged(Path("shoot") / text, measured=photo_evidence),
            unreadable(Path("shoot") / text, message=text),
        )
        return write_page(tmp_path / file, *results, title=text)

    harmless, hostile = write_named("a.jpg", "a.html"), write_named(name, "b.html")
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in harmless.elements]
    assert [set(each) for _, each in hostile.elements] == [set(each) for _, each in harmless.elements]
    assert hostile.all("li", cls="card")[0]["data-name"] == make_printable(Path(name).name)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", hostile.source)


@given(st.text())
def test_printable_text_is_visible(text: str) -> None:
    """No invisible character is left, it can be written as UTF-8, and ordinary text is unchanged."""
    shown = make_printable(text)
    shown.encode()
    assert make_printable(shown) == shown
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert make_printable("Zoë & 雪 👩‍🚀 (1).NEF") == "Zoë & 雪 👩‍🚀 (1).NEF"


def test_undecodable_bytes_are_shown_by_value() -> None:
    """The codes of bytes and of control characters are readable."""
    assert make_printable("\udcff") == "\\xff"
    assert make_printable("a\nb\u202e") == "a\\u000ab\\u202e"


def test_empty_shoot_has_a_page(tmp_path: Path) -> None:
    """Without photos there are no histograms, and the count is zero."""
    page = write_page(tmp_path / "report.html")
    assert "0 photos" in " ".join(page.texts)
    assert not page.all("figure")


def test_missing_thumbnail_is_named(tmp_path: Path) -> None:
    """There is a text instead of a broken picture."""
    page = write_page(tmp_path / "report.html", judged(tmp_path / "a.jpg"), small=None)
    assert page.all("li", cls="card")[0]["data-thumbnail"] == ""


def open_report(path: Path) -> closing[ReportWriter]:
    """Open the writer of a report at `path`, which is closed at the end of the block."""
    return closing(ReportWriter(path, title="t", settings=Settings(), find_thumbnail=lambda _: SMALL))


def test_results_are_not_kept_in_memory(tmp_path: Path) -> None:
    """A result is written when it is added: memory does not grow with the shoot."""

    class WatchedResult(Judged):
        """A result whose life can be observed."""

        __slots__ = ("__weakref__",)

    good = judged(tmp_path / "a.jpg")
    with open_report(tmp_path / "report.html") as writer:
        for _ in range(20):
            result = WatchedResult(good.frame, good.evidence, good.verdict, good.marks)
            reference = weakref.ref(result)
            writer.add(result)
            del result
            assert reference() is None
        writer.finish()
    assert len(ParsedPage((tmp_path / "report.html").read_text("utf-8")).all("li", cls="card")) == 20


def test_page_appears_when_it_is_complete(tmp_path: Path) -> None:
    """A run that stops in the middle leaves the old page, and nothing next to it."""
    path = tmp_path / "report.html"
    path.write_text("old")
    with open_report(path) as writer:
        writer.add(judged(tmp_path / "a.jpg"))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_is_reported_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure to write cards does not stop the other outputs: `finish` raises the error."""

    class FullFile(io.BytesIO):
        """A file on a full disk."""

        def write(self, _: object) -> int:
            """Fail."""
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", FullFile)
    with open_report(tmp_path / "report.html") as writer:
        writer.add(judged(tmp_path / "a.jpg"))
        writer.add(judged(tmp_path / "b.jpg"))
        with pytest.raises(MarksError, match="No space left"):
            writer.finish()
    assert list(tmp_path.iterdir()) == []


def test_unwritable_path_is_named(tmp_path: Path) -> None:
    """A missing folder is an error with the report's path."""
    with pytest.raises(MarksError, match="cannot be written") as caught:
        write_page(tmp_path / "gone" / "report.html")
    assert caught.value.path == tmp_path / "gone" / "report.html"


def make_card(**changes: object) -> Card:
    """Make the card of a photo."""
    return build_card(judged(Path("shoot/a.jpg"), **changes), SMALL, Settings())  # type: ignore[arg-type]


def test_outlines_are_scaled_to_the_picture() -> None:
    """Fractions become positions in a picture whose long side is 1000, landscape or portrait."""
    wide = make_card(faces=(face(box=Box(0.1, 0.2, 0.3, 0.6)),))
    assert (wide.width, round(wide.height, 3)) == (1000, 666.667)
    outline = wide.faces[0]
    assert [round(each, 1) for each in (outline.x, outline.y, outline.width, outline.height)] == [
        100.0,
        133.3,
        200.0,
        266.7,
    ]
    tall = make_card(width=4000, height=6000)
    assert tall.height == 1000


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (Capture(shutter=1 / 250, iso=800), "1/250 s · ISO 800"),
        (Capture(shutter=0.5), "0.5 s"),
        (Capture(shutter=30.0), "30 s"),
        (Capture(aperture=1.8, focal_length=85.0), "85 mm · f/1.8"),
        (Capture(shutter=float("inf")), "6000 \u00d7"),
        (Capture(shutter=-1.0, aperture=0.0), "6000 \u00d7"),
    ],
)
def test_capture_facts_are_formatted(capture: Capture, words: str) -> None:
    """Times below a third of a second are fractions; invalid values are left out."""
    assert make_card(capture=capture).facts.startswith(words)


def test_focus_map_is_a_picture_of_the_tiles() -> None:
    """One pixel per tile: blue where sharp, orange where soft, transparent where nothing can be judged."""
    sharpness = focus(tiles=((1.0, 0.0), (0.5, 1.0)), texture=((1.0, 1.0), (1.0, 0.0)))
    content = base64.b64decode(make_card(focus=sharpness).tiles.partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (2, 2, 4)
    assert pixels[0, 0, 2] > pixels[0, 0, 0]
    assert pixels[0, 1, 0] > pixels[0, 1, 2]
    assert pixels[1, 1, 3] == 0
    assert pixels[0, 0, 3] > 0
    assert make_card(focus=focus(tiles=(), texture=())).tiles == ""


def test_missing_subject_and_eyes_are_not_outlined() -> None:
    """A face without eyes has only its state as caption."""
    card = make_card(focus=focus(subject=None), faces=(replace(face(), eyes=()),))
    assert card.subject is None
    assert card.faces[0].words == "eyes: cannot tell"


def test_large_view_uses_a_file_that_browsers_show(tmp_path: Path) -> None:
    """A JPEG, or the JPEG of a pair, by an escaped URL; a RAW file alone has none."""
    odd = tmp_path / "a b#?%é.JPG"
    assert build_card(judged(tmp_path / "a.NEF", odd), None, Settings()).original == odd.as_uri()
    assert build_card(judged(tmp_path / "a.NEF"), None, Settings()).original == ""
    assert "%20" in odd.as_uri()


def test_thumbnail_is_a_small_jpeg_of_the_same_shape() -> None:
    """The long side is 256, proportions are kept, small pictures are not enlarged."""
    rng = np.random.default_rng(1)
    for shape, size in (((512, 1024, 3), (256, 128)), ((1024, 512, 3), (128, 256)), ((40, 30, 3), (30, 40))):
        content = make_thumbnail(rng.integers(0, 255, shape, dtype=np.uint8))
        picture = Image.open(io.BytesIO(content))
        assert picture.format == "JPEG"
        assert picture.size == size
        assert len(content) < 60_000


def test_every_score_is_in_its_bin() -> None:
    """The ends belong to the outer bins, and a column is stacked without gaps up to its full height."""
    histogram = Histogram("x", ())
    for value, answer in ((0.0, "keep"), (1.0, "keep"), (0.5, "reject"), (0.52, "keep"), (-0.1, "keep")):
        histogram.add(value, answer)
    assert histogram.counts["keep"][0] == 2
    assert histogram.counts["keep"][BINS - 1] == 1
    assert histogram.total == 5
    middle = [column for column in histogram.columns() if column.x == BINS // 2]
    assert [column.answer for column in middle] == ["keep", "reject"]
    assert middle[0].y + middle[0].height == pytest.approx(100)
    assert middle[1].y + middle[1].height == pytest.approx(middle[0].y)
    assert min(column.y for column in histogram.columns()) == pytest.approx(0)


@pytest.mark.parametrize("profile", PROFILES)
def test_only_effective_limits_are_drawn(profile: str) -> None:
    """A criterion that a profile ignores has no line; one that only raises doubt has no red one."""
    settings = PROFILES[profile]
    histograms = Histograms(settings)
    histograms.add(judged(Path("a.jpg"), faces=(face(),)))
    limits = {each.name: [limit.kind for limit in each.limits] for each in histograms.list_non_empty()}
    expected = {"reject": ["reject", "doubt"], "doubt": ["doubt"], "ignore": []}
    assert limits["Eyes open"] == expected[settings.eyes_trust]
    assert limits["Too dark"] == expected[settings.dark_trust]
    assert limits["Lens flare"] == expected[settings.flare_trust]
    assert limits["Noise"] == expected[settings.noise_trust]
    assert limits["Sharpness"] == ["reject", "doubt"]
    assert set(ANSWERS) == set(Histogram("x", ()).counts)


def test_every_defect_has_a_name() -> None:
    """A new defect needs a name here."""
    assert set(DEFECT_NAMES) == set(evidence().defects)

"""The scoreboard: faults found, false alarms, areas under the curve, pairs, and losses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from autocull.judge import Settings
from autocull.train.peers.base import Peer, PeerOpinion
from autocull.train.peers.scoreboard import (
    DOUBTING,
    GOOD_PHOTOS,
    OWN_NAME,
    REJECTING,
    Scoreboard,
    compare_with_peers,
    format_scoreboard,
)
from autocull.train.verdicts.judging import MeasuredPhoto
from support import evidence_builders as builders
from support.labelled_photos import dark_evidence, measured_photo


class FixedPeer(Peer):
    """A program whose opinions are given: the dark ones it names, and its pairs."""

    name = "fixed"
    version = "7"
    kinds = ("dark",)
    finds_pairs = True

    def __init__(self, dark: Sequence[str], pairs: Sequence[tuple[str, str]] = (), unread: str = "") -> None:
        self._dark, self._pairs, self._unread = dark, pairs, unread

    def judge(self, paths: Sequence[Path]) -> Mapping[Path, PeerOpinion]:
        """Name the given photos as dark."""
        return {
            path: PeerOpinion(
                frozenset({"dark"} if path.name in self._dark else ()),
                {"dark": float(path.name in self._dark)},
            )
            for path in paths
            if path.name != self._unread
        }

    def find_pairs(self, paths: Sequence[Path]) -> Iterable[tuple[Path, Path]]:
        """Return the given pairs."""
        return [(Path(one), Path(other)) for one, other in self._pairs]


@pytest.fixture
def photos() -> list[MeasuredPhoto]:
    """Make a surely dark photo, one perhaps, one that is not recognised, and a series of two good ones."""
    scene = builders.evidence(likeness=builders.make_embedding(5))
    return [
        measured_photo("sure", "dark", evidence=dark_evidence(0.99)),
        measured_photo("perhaps", "dark", evidence=dark_evidence(0.6)),
        measured_photo("missed", "dark", evidence=builders.evidence(likeness=builders.make_embedding(1))),
        measured_photo("one", "landscape", series="s", evidence=scene),
        measured_photo("other", "landscape", series="s", evidence=scene),
    ]


def compare(photos: list[MeasuredPhoto], *peers: Peer) -> Scoreboard:
    """Compare with programs at default settings."""
    return compare_with_peers(photos, Settings(), peers, "1.2")


def test_rows_have_faults_found_and_false_alarms(photos: list[MeasuredPhoto]) -> None:
    """Of Autocull by its rejects, and by rejects and doubts; of a program by what it names."""
    board = compare(photos, FixedPeer(["sure", "missed", "one"]))
    rows = {(row.question, row.program): row for row in board.rows}
    counts = {
        program: (rows["dark", program].hits.n, rows["dark", program].alarms.n)
        for program in (REJECTING, DOUBTING, "fixed")
    }
    assert counts == {REJECTING: (1, 0), DOUBTING: (2, 0), "fixed": (2, 1)}
    assert rows["dark", "fixed"].hits.of == 3
    assert rows["dark", "fixed"].area == pytest.approx((2 * 1 + 2 * 0.5 + 1 * 0.5) / 6)
    assert rows["dark", DOUBTING].area == pytest.approx((2 * 2 + 1) / 6)
    assert rows[GOOD_PHOTOS, "fixed"].alarms.n == 1
    assert board.versions == {OWN_NAME: "1.2", "fixed": "7"}
    assert {question for question, _ in rows} == {"dark", GOOD_PHOTOS}


def test_a_photo_that_cannot_be_read_counts_as_not_named(photos: list[MeasuredPhoto]) -> None:
    """It stays in the number of photos."""
    board = compare(photos, FixedPeer(["sure"], unread="sure"))
    (row,) = [row for row in board.rows if (row.question, row.program) == ("dark", "fixed")]
    assert (row.hits.n, row.hits.of) == (0, 3)


def test_pairs_are_compared_with_the_series(photos: list[MeasuredPhoto]) -> None:
    """A pair outside of a series is wrong; without any series there is no table."""
    board = compare(photos, FixedPeer([], [("one", "other"), ("sure", "one")]))
    assert (board.pairs["fixed"].hits, board.pairs["fixed"].false_alarms) == (1, 1)
    assert board.pairs[OWN_NAME].hits == 1
    assert compare(photos[:3], FixedPeer([])).pairs == {}


def test_losses_are_listed(photos: list[MeasuredPhoto]) -> None:
    """Each question on which the program is better, and nothing where it is not."""
    better = compare(photos, FixedPeer(["sure", "perhaps", "missed"]))
    assert better.losses() == ["dark: AUC of fixed 1.000, own 0.833", "dark: fixed finds 3, own 2"]
    assert "- dark: fixed finds 3, own 2" in format_scoreboard(better)
    worse = compare(photos, FixedPeer(["one"]))
    assert worse.losses() == []
    assert "No other program is better." in format_scoreboard(worse)


def test_fewer_false_alarms_are_a_loss() -> None:
    """Where Autocull rejects a good photo and the program does not."""
    photos = [measured_photo("gloomy", "low_key", evidence=dark_evidence(0.99))]
    assert compare(photos, FixedPeer([])).losses() == ["good photos: fixed names 0, own rejects 1"]


def test_json_has_everything(photos: list[MeasuredPhoto]) -> None:
    """Rows, pairs, losses and versions."""
    stored = json.loads(json.dumps(compare(photos, FixedPeer(["sure"], [("one", "other")])).to_json()))
    assert stored["versions"]["fixed"] == "7"
    assert stored["pairs"]["fixed"]["f1"] == 1.0
    assert {row["program"] for row in stored["rows"]} == {REJECTING, DOUBTING, "fixed"}

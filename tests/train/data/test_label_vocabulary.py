"""Tests of label_vocabulary: aliases of defects, good photos from another manifest, identifiers of pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autocull.train.data.label_vocabulary import canonical_defects, pair_id, with_negatives
from autocull.train.data.manifest import Row


def make_row(label: str, split: str = "train") -> Row:
    """Make a row."""
    return Row(Path(label), label, split, "", "", 2, {})


def test_aliases_resolve_to_defect_labels() -> None:
    """Several aliases in one label are resolved, and the labels of good photos mean no defect."""
    assert canonical_defects("dark; bright|noisy") == {"too_dark", "too_bright", "noise"}
    assert canonical_defects("lens_flare;jpeg;flare") == {"lens_flare", "low_quality"}
    assert canonical_defects("good") == canonical_defects("clean") == frozenset()


def test_good_photos_come_from_the_other_manifest() -> None:
    """Its dev rows count as good whatever their label; the good rows of the first manifest are dropped."""
    rows = with_negatives(
        [make_row("dark"), make_row("clean"), make_row("noisy")], [make_row("", "dev"), make_row("", "train")]
    )
    assert [each.label for each in rows] == ["dark", "noisy", "good"]
    assert rows[-1].split == "dev"


def test_pair_id_is_read_from_column_or_file_name() -> None:
    """Photos of one scene differ after the last `_` of their names; a name without `_` has no pair."""
    noisy, clean, other = (
        replace(make_row(""), path=Path("a") / name) for name in ("x_1_n.jpg", "x_1_c.png", "x_2.png")
    )
    assert pair_id(noisy) == pair_id(clean) != pair_id(other)
    assert pair_id(replace(noisy, path=Path("b/x_1_n.jpg"))) != pair_id(noisy)
    assert pair_id(replace(noisy, path=Path("a/x.jpg"))) == ""
    assert pair_id(replace(noisy, extra={"pair": "7"})) == "7"
    assert pair_id(replace(noisy, extra={"pair": ""})) == ""

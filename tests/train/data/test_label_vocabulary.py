"""The words of manifests: aliases are understood, and good photos come from where they are asked from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autocull.train.data.label_vocabulary import canonical_defects, pair_id, with_negatives
from autocull.train.data.manifest import Row


def row(label: str, split: str = "train") -> Row:
    """Make a row."""
    return Row(Path(label), label, split, "", "", 2, {})


def test_aliases_mean_the_defects_own_names() -> None:
    """What people write in manifests is understood, and good means no defect."""
    assert canonical_defects("dark; bright|noisy") == {"too_dark", "too_bright", "noise"}
    assert canonical_defects("lens_flare;jpeg;flare") == {"lens_flare", "low_quality"}
    assert canonical_defects("good") == canonical_defects("clean") == frozenset()


def test_the_good_photos_come_from_the_other_manifest() -> None:
    """Its dev rows are good whatever label they have; the first manifest's own good ones are left out."""
    rows = with_negatives([row("dark"), row("clean"), row("noisy")], [row("", "dev"), row("", "train")])
    assert [each.label for each in rows] == ["dark", "noisy", "good"]
    assert rows[-1].split == "dev"


def test_a_pair_is_told_by_its_column_or_by_its_names() -> None:
    """Two photos of one scene differ in the last word of their names; a name of one word is alone."""
    noisy, clean, other = (
        replace(row(""), path=Path("a") / name) for name in ("x_1_n.jpg", "x_1_c.png", "x_2.png")
    )
    assert pair_id(noisy) == pair_id(clean) != pair_id(other)
    assert pair_id(replace(noisy, path=Path("b/x_1_n.jpg"))) != pair_id(noisy)
    assert pair_id(replace(noisy, path=Path("a/x.jpg"))) == ""
    assert pair_id(replace(noisy, extra={"pair": "7"})) == "7"
    assert pair_id(replace(noisy, extra={"pair": ""})) == ""

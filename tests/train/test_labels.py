"""The words of manifests: aliases are understood, and good photos come from where they are asked from."""

from __future__ import annotations

from pathlib import Path

from autocull.train.labels import against, canonical_defects
from autocull.train.manifest import Row


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
    rows = against([row("dark"), row("clean"), row("noisy")], [row("", "dev"), row("", "train")])
    assert [each.label for each in rows] == ["dark", "noisy", "good"]
    assert rows[-1].split == "dev"

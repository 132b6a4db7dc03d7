"""The report of a training and the model card, whose handwritten part is kept."""

from __future__ import annotations

import json

from autocull.train.reports.card import HANDWRITTEN_MARKER, format_card, format_report
from support.training_reports import MULTICLASS, MULTILABEL, make_report


def test_report_is_reproducible() -> None:
    """It has command, seed, plan, temperature, counts and the tables of every split."""
    page = format_report(make_report(MULTICLASS))
    for text in (
        "autocull train eyes --data there",
        "seed 5",
        "epochs 2",
        "1.250",
        "1,234,567",
        "train 3",
        "## dev",
    ):
        assert text in page
    assert "(not stated)" in page
    assert "learning.png" in page


def test_card_has_the_sources_of_every_split() -> None:
    """And their accuracy on dev, and the calibration plot."""
    card = format_card(make_report(MULTICLASS), "")
    assert "| source | train | validation | dev |" in card
    assert "| (not stated) | 1 | 1 | 1 |" in card
    assert "| web | 2 | 0.500 |" in card
    assert "(report/calibration.png)" in card


def test_handwritten_part_of_a_card_is_kept() -> None:
    """The metrics are new, the text below the marker is not changed."""
    first = format_card(make_report(MULTICLASS), "")
    assert "Nothing was written here yet" in first
    edited = first.partition(HANDWRITTEN_MARKER)[0] + HANDWRITTEN_MARKER + "\n## Limits\n\nNo glasses.\n"
    second = format_card(make_report(MULTICLASS, version="4"), edited)
    assert "# eyes 4" in second
    assert "# eyes 3" not in second
    assert second.endswith("## Limits\n\nNo glasses.\n")


def test_card_without_a_dev_split_shows_validation() -> None:
    """A data folder may have no dev rows."""
    parts = {"train": MULTILABEL, "validation": MULTICLASS}
    assert "| closed | 1 |" in format_card(make_report(MULTICLASS, parts=parts), "")


def test_report_keeps_its_json() -> None:
    """The keys of `report.json`; without a temperature where outputs are not probabilities."""
    report = make_report(MULTICLASS)
    stored = json.loads(json.dumps(report.to_json()))
    assert set(stored) == {
        *("member", "version", "architecture", "parameters", "command", "seed", "plan", "history"),
        *("temperature", "parts", "difference", "minutes"),
    }
    assert (stored["member"], stored["plan"]["epochs"], stored["parts"]["dev"]["n"]) == ("eyes", 2, 3)
    assert "temperature" not in make_report(MULTICLASS, temperature=None).to_json()

"""The table of criteria: complete, consistent with settings and labels, and followed by everything else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autocull.judge import REASON_TEXTS, Settings
from autocull.judge.criteria import BY_LABEL, CRITERIA, DEFECT_CRITERIA, list_reasons
from autocull.judge.criterion import Criterion
from autocull.vocabulary import DEFECTS
from plugin.literal_files import german

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


def test_every_label_has_one_criterion() -> None:
    """Each output of the defects network is a criterion of its own."""
    assert sorted(criterion.label for criterion in CRITERIA if criterion.label) == sorted(DEFECTS)
    assert set(BY_LABEL) == set(DEFECTS)


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.name)
def test_every_criterion_has_its_settings(criterion: Criterion) -> None:
    """Its trust and limits are fields of `Settings`, as is the setting from which on its label is given."""
    names = criterion.setting_names()
    assert len(names) == (1 if criterion.source in ("remarks", "size") else 3)
    if len(names) == 3:
        assert criterion.limits(Settings()) == tuple(getattr(Settings(), name) for name in names)
    assert not criterion.label or criterion.label_setting in Settings.model_fields


def test_every_trust_and_limit_belongs_to_a_criterion() -> None:
    """No setting of this kind is left over; those of series are not for photos alone."""
    names = {name for criterion in CRITERIA for name in criterion.setting_names()}
    kinds = ("_trust", "_reject", "_doubt")
    assert names == {
        name for name in Settings.model_fields if name.endswith(kinds) and not name.startswith("series_")
    }


def test_reasons_belong_to_one_criterion_and_share_their_doubt_at_most() -> None:
    """No rejecting code occurs twice, and all are in the table of texts."""
    codes = [criterion.reject_code for criterion in CRITERIA if criterion.reject_code]
    assert len(codes) == len(set(codes))
    reasons = dict(list_reasons())
    assert set(reasons) == {code for criterion in CRITERIA for code in criterion.codes}
    assert {code for code in reasons if reasons[code].rejects} == set(codes)
    assert {code for code in reasons if reasons[code].cause} == set(codes)
    assert all(REASON_TEXTS[code] == text for code, text in reasons.items())


@pytest.mark.parametrize("criterion", DEFECT_CRITERIA, ids=lambda criterion: criterion.name)
def test_a_label_has_score_part_folder_and_exemption(criterion: Criterion) -> None:
    """A criterion that has to be confirmed has a text for the lack of it; each has a part of the score."""
    assert bool(criterion.confirmed_by) == bool(criterion.unconfirmed)
    assert criterion.score_part
    assert criterion.folder


EDITS = {
    "daemon/autocull/vocabulary.py": ('"noise")', '"noise", "haze")'),
    "daemon/autocull/judge/settings.py": (
        "    damage_trust: Trust",
        """\
    haze_trust: Trust = Field("reject", description="The strongest answer that haze may give.")
    haze_reject: Share = Field(0.9, description="Reject from this haze probability on.")
    haze_doubt: Share = Field(0.6, description="Cannot tell from this haze probability on.")
    damage_trust: Trust""",
    ),
    "daemon/autocull/judge/criteria.py": (
        "    DAMAGE,\n    RESOLUTION,\n",
        """\
    Criterion(
        name="haze",
        source="defects",
        title="Haze",
        rejecting=Wording(
            "hazy", "Hazy", "Hazy (sure to {measured}, limit {limit})", "Look at it.", cause="haze"
        ),
        doubtful=Wording(
            "haze_doubtful", "Perhaps hazy", "Perhaps hazy (sure to {measured}, limit {limit})", "Look at it."
        ),
        label="haze",
        score_part="defects",
        folder="hazy_ones",
    ),
    DAMAGE,
    RESOLUTION,
""",
    ),
}
"""A made-up criterion: by file, a text and what it is replaced with.

These are all edits that it takes, apart from the network and the German texts.
"""


@pytest.fixture(scope="module")
def haze(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Add the made-up criterion to a copy of the source, and report where it appears."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("daemon/autocull", "docs", "lightroom_plugin.lrdevplugin"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (old, new) in EDITS.items():
        text = (root / name).read_text("utf-8")
        assert text.count(old) == 1, name
        (root / name).write_text(text.replace(old, new), "utf-8")
    path = [root / "daemon", root / "docs" / "tools", TESTS]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    result = subprocess.run(
        [sys.executable, TESTS / "support" / "criterion_driver.py", "haze"],
        env=environment | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_new_criterion_makes_findings(haze: dict[str, Any]) -> None:
    """It rejects, raises a doubt, and lowers the score."""
    assert haze["rejecting"] == [["hazy", 0.95, 0.9]]
    assert haze["doubtful"] == [["haze_doubtful", 0.7, 0.6]]
    assert haze["score"] == pytest.approx(0.05**0.25)


def test_a_new_criterion_has_its_texts(haze: dict[str, Any]) -> None:
    """The sentence of the verdict, and code, name and advice in the daemon's list of choices."""
    assert haze["sentence"] == "Hazy (sure to 95 %, limit 90 %)"
    assert haze["choices"] == ["hazy", "haze_doubtful"]


def test_a_new_criterion_has_its_score_label_histogram_and_folder(haze: dict[str, Any]) -> None:
    """Its row in the score table, its label with the limit, its histogram with both limits, its folder."""
    assert haze["table"] == ["Haze", "rejects", "Hazy (sure to 95 %, limit 90 %)"]
    assert haze["label"] == ["Haze", "yes", 0.6]
    assert haze["histogram"] == ["rejects at 90 %", "in doubt at 60 %"]
    assert haze["folder"] == "hazy_ones"


def test_a_new_criterion_is_evaluated_by_its_own_limit(haze: dict[str, Any]) -> None:
    """The evaluation of the network compares with the setting that the judge compares with."""
    assert haze["evaluation"] == "haze_doubt"


def test_a_new_criterion_is_in_every_generated_file(haze: dict[str, Any]) -> None:
    """The fixture's schema, the protocol's document and the tables of docs/settings.md hold it."""
    assert haze["schema"][-1] == "haze"
    assert haze["openapi"] == ["haze_trust", "haze_reject", "haze_doubt"]
    for start in ("Haze | `haze_trust`", "`haze_doubt` | share", "`hazy` | Hazy", "`haze_doubtful` | Perh"):
        assert f"| {start}" in haze["page"]


def test_a_new_criterion_has_its_texts_in_the_plugin(haze: dict[str, Any]) -> None:
    """The plug-in's table has its English texts, and what the German translations lack is exactly these."""
    assert "  hazy = {\n" in haze["lua"]
    english = {key: text for _, key, text in re.findall(r"(['\"])\$\$\$/([^=]+)=(.*?)\1", haze["lua"])}
    assert {key: english[key] for key in set(english) - set(german())} == {
        "Autocull/Reason/Hazy": "Hazy",
        "Autocull/Cause/Hazy": "haze",
        "Autocull/Why/Hazy": "Hazy (sure to ^1, limit ^2)",
        "Autocull/Reason/HazeDoubtful": "Perhaps hazy",
        "Autocull/Why/HazeDoubtful": "Perhaps hazy (sure to ^1, limit ^2)",
    }

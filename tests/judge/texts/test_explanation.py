"""Explanations of a verdict: one line, a paragraph, and how the networks measure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autocull.judge import describe_detectors, explain_verdict, judge, summarise_verdict
from autocull.judge.texts.explanation import ANSWERS, DETECTOR_TEXTS
from autocull.measure.evidence import Evidence
from autocull.measure.models import models_root
from autocull.vocabulary import CATEGORIES
from support.baseline_rules import LIMITS
from support.evidence_builders import MODELS, evidence, face, focus

CONFIG = {"architecture": "three layers", "examples": {"train": 1234}}
CONFIGS = dict.fromkeys(MODELS, CONFIG)


def line(photo: Evidence) -> str:
    """Return the line of a photo at the tests' limits."""
    return summarise_verdict(judge(photo, LIMITS))


def paragraph(photo: Evidence) -> str:
    """Return the paragraph of a photo at the tests' limits."""
    return explain_verdict(photo, judge(photo, LIMITS), LIMITS)


def test_a_line_has_the_answer_and_its_most_severe_reason() -> None:
    """One line for any verdict, with the number of further reasons."""
    assert line(evidence(focus=focus(1.0))).startswith("Keep: nothing found against it (score ")
    blink = evidence(faces=(face(0.04),))
    assert line(blink) == "Reject: Eyes closed on the marked face (open 4 %, limit 12 %)"
    several = evidence(faces=(face(0.04),), defects={"noise": 0.9, "lens_flare": 0.9})
    assert line(several).endswith("limit 12 %), and 2 more reasons")
    both = evidence(defects={"noise": 0.9, "lens_flare": 0.9})
    assert line(both).startswith("Cannot tell: ")
    assert line(both).endswith("and 1 more reason")


def test_a_paragraph_gives_every_reason_and_what_to_do() -> None:
    """It has reasons, advice (once each), people, sharpness and category."""
    text = paragraph(evidence(faces=(face(0.04), face(0.97, prominence=0.6)), defects={"too_dark": 0.7}))
    assert "The photo is rejected" in text
    for part in ("eyes closed on the marked face", "perhaps too dark", "a series may hold a frame"):
        assert part in text
    assert "2 faces were found: 1 with open eyes, 1 with closed eyes." in text
    assert "Sharpness was judged at the eyes: sharp 97 %, out of focus 3 %, moved 0 %." in text
    assert "The category is people (94 %)" in text
    assert "\n" not in text


def test_a_paragraph_gives_the_width_of_a_missed_focus() -> None:
    """In px of a view of 2048 px and as a part of the diagonal, whatever the size of the photo."""
    words = "a missed focus about 20 px wide at 2048 px, 1/125 of the diagonal"
    for factor in (1, 4):
        photo = evidence(focus=focus(0.05, blur=0.01), width=1200 * factor, height=900 * factor)
        assert paragraph(photo).count(words) == 1
    kept = paragraph(evidence(focus=focus(0.45, blur=0.01)))
    assert "The missed focus is about 20 px wide at 2048 px" in kept
    assert "diagonal" not in paragraph(evidence(focus=focus(0.05)))


def test_a_paragraph_of_a_good_photo_names_the_nearest_score() -> None:
    """It has no reasons, and names the score nearest to its limit."""
    text = paragraph(evidence(defects={"too_bright": 0.5}))
    assert "nothing was found against it" in text
    assert "No face was found." in text
    assert "nearest to its limit: too bright 50 % (in doubt from 60 % on" in text
    soft = paragraph(evidence(focus=focus(0.5), defects={"noise": 0.5}))
    assert "nearest to its limit: sharp subject 50 % (in doubt at 40 % or less" in soft
    assert "nearest" not in paragraph(evidence())


def test_unsure_labels_are_described_as_such() -> None:
    """A category under its limit is not named, with the two likeliest; nor is a defect that may be there."""
    photo = evidence(
        category={**dict.fromkeys(CATEGORIES, 0.0), "food": 0.45, "other": 0.4}, defects={"noise": 0.5}
    )
    text = paragraph(photo)
    assert "is not sure (food 45 %, other 40 %; named from 50 % on)" in text
    assert "Not sure, but under the limit: noise (50 %, limit 85 %)." in text
    assert "Not sure, but" not in paragraph(evidence())


@pytest.mark.parametrize(
    ("eyes", "words"), [(0.97, "open eyes"), (0.02, "closed eyes"), (0.42, "eyes that cannot be judged")]
)
def test_one_face_is_described_by_its_eyes(eyes: float, words: str) -> None:
    """Each state of a single face has its text."""
    assert f"One face was found, with {words}." in paragraph(evidence(faces=(face(eyes),)))


def test_detectors_and_judging_are_described_in_order() -> None:
    """Version, architecture and examples come from the configuration; the last paragraph is the judge's."""
    texts = describe_detectors(evidence(), CONFIGS)
    first = [text.split()[0] for text in texts]
    assert first == ["Faces", "Eyes", "Focus", "Defects", "Category", "Likeness", "The"]
    for text in texts[:-1]:
        assert "(version 1)" in text
        assert "Architecture: three layers." in text
        assert "Trained on 1,234 examples" in text
    assert "No network decides" in texts[-1]


def test_missing_parts_of_a_configuration_are_left_out() -> None:
    """A network that was not trained here has no number of examples."""
    text = describe_detectors(evidence(models={"faces": "2"}), {"faces": {}})[0]
    assert "Trained" not in text
    assert "Architecture" not in text


@pytest.mark.parametrize("name", sorted(path.parent.name for path in models_root().glob("*/config.json")))
def test_every_shipped_detector_has_a_text(name: str) -> None:
    """A new network must be given its paragraph."""
    config = json.loads((Path(models_root()) / name / "config.json").read_text("utf-8"))
    (text, _) = describe_detectors(evidence(models={name: "9"}), {name: config})
    assert DETECTOR_TEXTS[name] in text
    assert config["architecture"] in text


def test_every_answer_has_a_text() -> None:
    """A verdict without a text would be a bug."""
    assert set(ANSWERS) == {"keep", "reject", "cannot_tell"}

"""A verdict at three lengths: one line, a paragraph, and how the networks work."""

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


def line(seen: Evidence) -> str:
    """The line of a photo at the tests' limits."""
    return summarise_verdict(judge(seen, LIMITS))


def told(seen: Evidence) -> str:
    """The paragraph of a photo at the tests' limits."""
    return explain_verdict(seen, judge(seen, LIMITS), LIMITS)


def test_a_line_names_the_answer_and_its_gravest_reason() -> None:
    """One line whatever happened, with the count of what else speaks against the photo."""
    assert line(evidence(focus=focus(1.0))).startswith("Keep: nothing found against it (score ")
    blink = evidence(faces=(face(0.04),))
    assert line(blink) == "Reject: Eyes closed on the marked face (open 4 %, limit 12 %)"
    worse = evidence(faces=(face(0.04),), defects={"noise": 0.9, "lens_flare": 0.9})
    assert line(worse).endswith("limit 12 %), and 2 more reasons")
    both = evidence(defects={"noise": 0.9, "lens_flare": 0.9})
    assert line(both).startswith("Cannot tell: ")
    assert line(both).endswith("and 1 more reason")


def test_a_paragraph_gives_every_reason_and_what_to_do() -> None:
    """Reasons, advice (once each), people, sharpness and scene stand in it."""
    text = told(evidence(faces=(face(0.04), face(0.97, prominence=0.6)), defects={"too_dark": 0.7}))
    assert "The photo is rejected" in text
    for part in ("eyes closed on the marked face", "perhaps too dark", "a series may hold a frame"):
        assert part in text
    assert "2 faces were found: 1 with open eyes, 1 with closed eyes." in text
    assert "Sharpness was judged at the eyes: sharp 97 %, out of focus 3 %, moved 0 %." in text
    assert "The category is people (94 %)" in text
    assert "\n" not in text


def test_a_paragraph_of_a_good_photo_says_what_came_nearest() -> None:
    """Nothing speaks against it, and the score with the least room is named with its limits."""
    text = told(evidence(defects={"too_bright": 0.5}))
    assert "nothing was found against it" in text
    assert "No face was found." in text
    assert "nearest to its limit: too bright 50 % (in doubt from 60 % on" in text
    soft = told(evidence(focus=focus(0.5), defects={"noise": 0.5}))
    assert "nearest to its limit: sharp subject 50 % (in doubt at 40 % or less" in soft
    assert "nearest" not in told(evidence())


def test_what_is_not_sure_is_called_so() -> None:
    """A category under its limit is not named, with the two likeliest; nor is a defect that may be there."""
    seen = evidence(
        category={**dict.fromkeys(CATEGORIES, 0.0), "food": 0.45, "other": 0.4}, defects={"noise": 0.5}
    )
    text = told(seen)
    assert "is not sure (food 45 %, other 40 %; named from 50 % on)" in text
    assert "Not sure, but under the limit: noise (50 %, limit 85 %)." in text
    assert "Not sure, but" not in told(evidence())


@pytest.mark.parametrize(
    ("eyes", "words"), [(0.97, "open eyes"), (0.02, "closed eyes"), (0.42, "eyes that cannot be judged")]
)
def test_one_face_is_told_by_its_eyes(eyes: float, words: str) -> None:
    """Each state of a single face has its words."""
    assert f"One face was found, with {words}." in told(evidence(faces=(face(eyes),)))


def test_how_it_works_speaks_of_each_member_and_of_the_judging() -> None:
    """Version, build and examples come from the configuration; the last paragraph is the judge's."""
    texts = describe_detectors(evidence(), CONFIGS)
    first = [text.split()[0] for text in texts]
    assert first == ["Faces", "Eyes", "Focus", "Defects", "Category", "Likeness", "The"]
    for text in texts[:-1]:
        assert "(version 1)" in text
        assert "Architecture: three layers." in text
        assert "Trained on 1,234 examples" in text
    assert "No network decides" in texts[-1]


def test_what_a_configuration_does_not_say_is_left_out() -> None:
    """A network that came ready made has no examples of ours."""
    text = describe_detectors(evidence(models={"faces": "2"}), {"faces": {}})[0]
    assert "Trained" not in text
    assert "Architecture" not in text


@pytest.mark.parametrize("name", sorted(path.parent.name for path in models_root().glob("*/config.json")))
def test_every_shipped_member_has_its_words(name: str) -> None:
    """A new network must be given its paragraph."""
    config = json.loads((Path(models_root()) / name / "config.json").read_text("utf-8"))
    (text, _) = describe_detectors(evidence(models={name: "9"}), {name: config})
    assert DETECTOR_TEXTS[name] in text
    assert config["architecture"] in text


def test_every_answer_has_its_word() -> None:
    """A verdict without a word would be a bug."""
    assert set(ANSWERS) == {"keep", "reject", "cannot_tell"}

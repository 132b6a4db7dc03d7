"""Report as JSON where a criterion appears; run with a changed copy of the source on the path.

`python criterion_driver.py LABEL` judges a photo whose probability of LABEL is 0.95, and one at 0.7.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from autocull.judge import Settings, describe, judge, list_scores, marks_for
from autocull.judge.texts.labels import defect_labels
from autocull.measure.evidence import Evidence
from autocull.output.report.histograms import Histograms
from autocull.output.result import Judged
from autocull.output.sorting.plan import folder_of
from autocull.read.photo import Frame
from autocull.serve.routes.settings import describe_choices
from autocull.train.data.label_vocabulary import DEFECT_LIMITS
from autocull.vocabulary import DEFECTS
from generate import FILES, ROOT
from support.evidence_builders import evidence, focus

SETTINGS = Settings()


def report(label: str) -> dict[str, Any]:
    """Collect what follows from the criterion of `label`."""
    photo = _photo(label, 0.95)
    verdict = judge(photo, SETTINGS)
    result = Judged(Frame(Path("a.jpg")), photo, verdict, marks_for(verdict, SETTINGS))
    histograms = Histograms(SETTINGS)
    histograms.add(result)
    (score,) = (each for each in list_scores(photo, verdict, SETTINGS) if each.code == label)
    (defect,) = (each for each in defect_labels(photo, SETTINGS) if each.code == label)
    (histogram,) = (each for each in histograms.list_non_empty() if each.name == score.name)
    return {
        "rejecting": _reasons(photo),
        "doubtful": _reasons(_photo(label, 0.7)),
        "score": verdict.score,
        "sentence": describe(verdict.reasons[0]),
        "choices": [each["code"] for each in describe_choices()["reasons"] if each["code"].startswith("haz")],
        "table": [score.name, score.outcome, score.words],
        "label": [defect.name, defect.answer, defect.limit],
        "histogram": [line.words for line in histogram.limits],
        "folder": folder_of(result, "defect"),
        "evaluation": DEFECT_LIMITS[label],
        **_generated(label),
    }


def _photo(label: str, chance: float) -> Evidence:
    defects = {**dict.fromkeys(DEFECTS, 0.0), label: chance}
    return evidence(defects=defects, focus=focus(1.0))


def _reasons(photo: Evidence) -> list[tuple[str, float, float]]:
    return [(each.code, each.measured, each.limit) for each in judge(photo, SETTINGS).reasons]


def _generated(label: str) -> dict[str, Any]:
    page, schema, openapi, _, lua = (fill((ROOT / name).read_text("utf-8")) for name, fill in FILES.items())
    changes = json.loads(openapi)["components"]["schemas"]["Changes"]["properties"]
    return {
        "page": page,
        "schema": json.loads(schema)["$defs"]["evidence"]["properties"]["defects"]["required"],
        "openapi": [name for name in changes if name.startswith(label)],
        "lua": lua,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(report(sys.argv[1])))

"""The explanation of one photo as one picture: what was said of it, and where that shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, PngImagePlugin

from autocull.atomic_write import whole_file
from autocull.errors import MarksError
from autocull.judge import Settings, one_line, paragraph, scores, top_labels
from autocull.judge.texts.labels import SAID_WORDS, Label
from autocull.judge.texts.reasons import number
from autocull.judge.texts.score_table import OUTCOME_WORDS, Outcome, Score
from autocull.measure.eyes import EyeCrop
from autocull.output.explanation.layout import (
    DOUBT,
    KEEP,
    QUIET,
    REJECT,
    TEXT,
    bar,
    below_each_other,
    beside_each_other,
    blank,
    framed,
    text_block,
    titled,
)
from autocull.output.explanation.overlay import (
    STATE_COLOURS,
    Levels,
    fitted,
    focus_map,
    heat_map,
    heat_scale,
    outlined,
    score_bar,
)
from autocull.output.report.cards import printable
from autocull.output.result import Judged
from autocull.read.photo import Pixels

WIDTH = 1600
"""The width of the picture in pixels; its height grows with what there is to show."""

MOST_EYES = 16
"""How many eye crops are shown, those of the most prominent faces first."""

_MARGIN, _GAP = 32, 24
_INNER = WIDTH - 2 * _MARGIN
_ANSWERS = {"keep": KEEP, "reject": REJECT, "cannot_tell": DOUBT}
_OUTCOMES: dict[Outcome, str] = {"passes": KEEP, "rejects": REJECT, "doubt": DOUBT}
_SAID = {"yes": TEXT, "not_sure": DOUBT, "no": QUIET}
_MARK = ("Software", "autocull explain")


@dataclass(frozen=True, slots=True)
class Explained:
    """All that the picture shows of a photo: the result with the settings that judged it, the working
    picture, the eye crops, and for each label to show its heat (0-1 per cell).
    """

    result: Judged
    settings: Settings
    working: Pixels
    eyes: Sequence[EyeCrop]
    heat: Sequence[tuple[Label, Levels]]


def draw_explanation(explained: Explained) -> Image.Image:
    """Draw the whole explanation: words, scores, likeliest labels, outlines, focus map, eyes and heat."""
    blocks = [_head(explained), _where(explained), _numbers(explained)]
    if explained.eyes:
        blocks.append(_eyes(explained))
    blocks.append(_heat(explained))
    return framed(below_each_other(blocks, 36), _MARGIN)


def save_explanation(explained: Explained, path: Path) -> None:
    """Write the explanation as a PNG file, in one step; only an earlier explanation is replaced.

    Raises MarksError where `path` holds anything else (a photo, say) or cannot be written.
    """
    refuse_taken(path)
    info = PngImagePlugin.PngInfo()
    info.add_text(*_MARK)
    try:
        with whole_file(path) as file:
            draw_explanation(explained).save(file, "PNG", pnginfo=info)
    except OSError as error:
        raise MarksError(path, f"The picture {path} cannot be written: {error.strerror}.") from error


def refuse_taken(path: Path) -> None:
    """Raise MarksError where a file lies at `path` that is no earlier explanation: it may be a photo."""
    if not path.exists():
        return
    try:
        with Image.open(path) as picture:
            ours = picture.info.get(_MARK[0]) == _MARK[1]
    except OSError:
        ours = False
    if not ours:
        raise MarksError(
            path, f"{path} is there already and no explanation of ours: choose another name for the picture."
        )


def _head(explained: Explained) -> Image.Image:
    result = explained.result
    name = text_block(printable(result.frame.path.name), _INNER, 20, QUIET)
    line = text_block(one_line(result.verdict), _INNER, 26, _ANSWERS[result.verdict.answer])
    told = paragraph(result.evidence, result.verdict, explained.settings)
    return below_each_other([name, line, text_block(told, _INNER, 17)], 10)


def _where(explained: Explained) -> Image.Image:
    """The photo with outlines, and beside it the focus map."""
    width = (_INNER - _GAP) // 2
    evidence, states = explained.result.evidence, explained.result.verdict.faces
    photo = fitted(explained.working, width, 640)
    found = outlined(photo, evidence.faces, states, evidence.focus)
    about = "Faces: green eyes open, red closed, yellow cannot tell. Dashed: where sharpness was judged."
    told = "Percent sharp, tile by tile: blue sharp, orange soft, small numbers too plain to tell."
    return beside_each_other(
        [
            titled(_at_left(found, width), "What was found", about),
            titled(_at_left(focus_map(photo, evidence.focus), width), "Where it is sharp", told),
        ],
        _GAP,
    )


def _numbers(explained: Explained) -> Image.Image:
    """Every score with its limits, and beside it the likeliest labels."""
    result, settings = explained.result, explained.settings
    left = (_INNER - _GAP) * 3 // 5
    right = _INNER - _GAP - left
    rows = [_score(score, left) for score in scores(result.evidence, result.verdict, settings)]
    labels = [_label(label, right) for label in top_labels(result.evidence, settings)]
    limits = "Red mark: rejects. Yellow mark: raises doubt."
    sure = "Mark: named from there on."
    return beside_each_other(
        [
            titled(below_each_other(rows, 6), "Every score and its limits", limits),
            titled(below_each_other(labels, 6), "The five likeliest labels", sure),
        ],
        _GAP,
    )


def _score(score: Score, width: int) -> Image.Image:
    if score.unit == "percent":
        drawn = score_bar(score.measured, score.reject, score.doubt, 240)
    else:
        drawn = blank(240, 14)
    colour = _OUTCOMES.get(score.outcome, QUIET)
    row = _row(score.name, drawn, score.number, OUTCOME_WORDS[score.outcome], colour)
    return below_each_other([row, text_block(score.words, width, 14, QUIET)], 0)


def _label(label: Label, width: int) -> Image.Image:
    drawn = bar(label.chance, [(label.limit, DOUBT)], 180)
    said = SAID_WORDS[label.said]
    row = _row(label.name, drawn, number(label.chance), said, _SAID[label.said])
    about = f"{label.kind}, named from {number(label.limit)} on"
    return below_each_other([row, text_block(about, width, 14, QUIET)], 0)


def _row(name: str, drawn: Image.Image, shown: str, said: str, colour: str) -> Image.Image:
    """One line of a table: name, bar, number, and what is said of it."""
    lowered = blank(drawn.width, drawn.height + 5)
    lowered.paste(drawn, (0, 5))
    cells = [
        text_block(name, 170, 16),
        lowered,
        text_block(shown, 80, 16),
        text_block(said, 110, 16, colour),
    ]
    return beside_each_other(cells, 14)


def _eyes(explained: Explained) -> Image.Image:
    """The eye crops of the most prominent faces, each with its probability."""
    faces = explained.result.evidence.faces
    ordered = sorted(explained.eyes, key=lambda crop: -faces[crop.face].prominence)
    shown = [_eye(crop, explained) for crop in ordered[:MOST_EYES]]
    rows = [beside_each_other(row, 16) for row in _chunks(shown, 8)]
    about = "Each eye as the network saw it, upright, and how surely it is open."
    if len(ordered) > MOST_EYES:
        about += f" {len(ordered) - MOST_EYES} more are not shown."
    return titled(_at_left(below_each_other(rows, 12), _INNER), "The eyes", about)


def _eye(crop: EyeCrop, explained: Explained) -> Image.Image:
    state = explained.result.verdict.faces[crop.face]
    image = Image.fromarray(crop.pixels)
    words = text_block(f"Face {crop.face + 1}: open {number(crop.eye.open)}", image.width, 14)
    strip = Image.new("RGB", (image.width, 4), STATE_COLOURS[state])
    return below_each_other([image, strip, words], 2)


def _heat(explained: Explained) -> Image.Image:
    """A map for each label to show, and what its colours mean."""
    count = max(1, len(explained.heat))
    width = (_INNER - _GAP * (count - 1)) // count
    photo = fitted(explained.working, width, 460)
    panels = [_map(label, heat_map(photo, heat), width) for label, heat in explained.heat]
    about = (
        "Each part of the photo was shown to the network alone: a place is as hot as the mean answer to the "
        "parts that show it."
    )
    return titled(
        below_each_other([beside_each_other(panels, _GAP), heat_scale(360)], 12), "Where it shows", about
    )


def _map(label: Label, drawn: Image.Image, width: int) -> Image.Image:
    said = f"{label.kind}; of the whole photo {number(label.chance)}, limit {number(label.limit)}"
    words = f"{said}: {SAID_WORDS[label.said]}"
    return titled(_at_left(drawn, width), label.name, words, _SAID[label.said])


def _at_left(block: Image.Image, width: int) -> Image.Image:
    """The block at the left of a page of that width, so that the words over it have room."""
    page = blank(width, block.height)
    page.paste(block, (0, 0))
    return page


def _chunks(blocks: Sequence[Image.Image], size: int) -> Iterator[Sequence[Image.Image]]:
    for start in range(0, len(blocks), size):
        yield blocks[start : start + size]

"""The explanation of one photo as one picture: its verdict and scores, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, PngImagePlugin

from autocull.atomic_write import atomic_write
from autocull.errors import MarksError
from autocull.judge import (
    LABEL_ANSWER_TEXTS,
    OUTCOME_WORDS,
    Label,
    Outcome,
    Score,
    Settings,
    explain_verdict,
    format_number,
    list_scores,
    summarise_verdict,
    top_labels,
)
from autocull.measure import EyeCrop
from autocull.output.explanation.layout import (
    DOUBT,
    KEEP,
    MUTED_TEXT,
    REJECT,
    TEXT,
    add_margin,
    add_title,
    create_blank,
    draw_bar,
    render_text,
    stack_horizontally,
    stack_vertically,
)
from autocull.output.explanation.overlay import (
    STATE_COLOURS,
    Levels,
    draw_outlines,
    draw_score_bar,
    render_focus_map,
    render_occlusion_map,
    render_occlusion_scale,
    resize_to_fit,
)
from autocull.output.report import make_printable
from autocull.output.result import Judged
from autocull.read import Pixels

WIDTH = 1600
"""The width of the picture in pixels; its height grows with what there is to show."""

MAX_EYES = 16
"""The number of eye crops that are shown, those of the most prominent faces first."""

_MARGIN, _GAP = 32, 24
_INNER_WIDTH = WIDTH - 2 * _MARGIN
_ANSWER_COLOURS = {"keep": KEEP, "reject": REJECT, "cannot_tell": DOUBT}
_OUTCOME_COLOURS: dict[Outcome, str] = {"passes": KEEP, "rejects": REJECT, "doubt": DOUBT}
_LABEL_COLOURS = {"yes": TEXT, "not_sure": DOUBT, "no": MUTED_TEXT}
_PNG_TAG = ("Software", "autocull explain")


@dataclass(frozen=True, slots=True)
class PhotoExplanation:
    """The data of the picture: result, settings, working pixels, eye crops, and occlusion maps by label.

    An occlusion map holds values of 0-1 per cell.
    """

    result: Judged
    settings: Settings
    working: Pixels
    eyes: Sequence[EyeCrop]
    occlusion_maps: Sequence[tuple[Label, Levels]]


def draw_explanation(explanation: PhotoExplanation) -> Image.Image:
    """Draw the whole explanation: text, scores, labels, outlines, focus map, eyes and occlusion maps."""
    blocks = [_draw_header(explanation), _draw_locations(explanation), _draw_scores(explanation)]
    if explanation.eyes:
        blocks.append(_draw_eyes(explanation))
    blocks.append(_draw_occlusion_maps(explanation))
    return add_margin(stack_vertically(blocks, 36), _MARGIN)


def save_explanation(explanation: PhotoExplanation, path: Path) -> None:
    """Write the explanation as a PNG file, atomically; only an earlier explanation is replaced.

    Raises MarksError where `path` is anything else (such as a photo) or cannot be written.
    """
    refuse_existing(path)
    info = PngImagePlugin.PngInfo()
    info.add_text(*_PNG_TAG)
    try:
        with atomic_write(path) as file:
            draw_explanation(explanation).save(file, "PNG", pnginfo=info)
    except OSError as error:
        raise MarksError(path, f"The picture {path} cannot be written: {error.strerror}.") from error


def refuse_existing(path: Path) -> None:
    """Raise MarksError where `path` exists and is no earlier explanation: it may be a photo."""
    if not path.exists():
        return
    try:
        with Image.open(path) as picture:
            is_explanation = picture.info.get(_PNG_TAG[0]) == _PNG_TAG[1]
    except OSError:
        is_explanation = False
    if not is_explanation:
        raise MarksError(
            path, f"{path} exists and is not an explanation by Autocull: choose another name for the picture."
        )


def _draw_header(explanation: PhotoExplanation) -> Image.Image:
    result = explanation.result
    name = render_text(make_printable(result.frame.path.name), _INNER_WIDTH, 20, MUTED_TEXT)
    line = render_text(
        summarise_verdict(result.verdict), _INNER_WIDTH, 26, _ANSWER_COLOURS[result.verdict.answer]
    )
    text = explain_verdict(result.evidence, result.verdict, explanation.settings)
    return stack_vertically([name, line, render_text(text, _INNER_WIDTH, 17)], 10)


def _draw_locations(explanation: PhotoExplanation) -> Image.Image:
    """Return the photo with outlines, and next to it the focus map."""
    width = (_INNER_WIDTH - _GAP) // 2
    evidence, states = explanation.result.evidence, explanation.result.verdict.faces
    photo = resize_to_fit(explanation.working, width, 640)
    outlined_photo = draw_outlines(photo, evidence.faces, states, evidence.focus)
    outline_caption = (
        "Faces: green eyes open, red closed, yellow cannot tell. Dashed: where sharpness was judged."
    )
    focus_caption = "Percent sharp, tile by tile: blue sharp, orange soft, small numbers too plain to judge."
    return stack_horizontally(
        [
            add_title(_pad_right(outlined_photo, width), "What was found", outline_caption),
            add_title(
                _pad_right(render_focus_map(photo, evidence.focus), width), "Where it is sharp", focus_caption
            ),
        ],
        _GAP,
    )


def _draw_scores(explanation: PhotoExplanation) -> Image.Image:
    """Return every score with its limits, and next to it the likeliest labels."""
    result, settings = explanation.result, explanation.settings
    left = (_INNER_WIDTH - _GAP) * 3 // 5
    right = _INNER_WIDTH - _GAP - left
    rows = [_draw_score(score, left) for score in list_scores(result.evidence, result.verdict, settings)]
    labels = [_draw_label(label, right) for label in top_labels(result.evidence, settings)]
    score_caption = "Red mark: rejects. Yellow mark: raises doubt."
    label_caption = "Mark: named from there on."
    return stack_horizontally(
        [
            add_title(stack_vertically(rows, 6), "Every score and its limits", score_caption),
            add_title(stack_vertically(labels, 6), "The five likeliest labels", label_caption),
        ],
        _GAP,
    )


def _draw_score(score: Score, width: int) -> Image.Image:
    if score.unit == "percent":
        bar_image = draw_score_bar(score.measured, score.reject, score.doubt, 240)
    else:
        bar_image = create_blank(240, 14)
    colour = _OUTCOME_COLOURS.get(score.outcome, MUTED_TEXT)
    row = _draw_row(score.name, bar_image, score.number, OUTCOME_WORDS[score.outcome], colour)
    return stack_vertically([row, render_text(score.words, width, 14, MUTED_TEXT)], 0)


def _draw_label(label: Label, width: int) -> Image.Image:
    bar_image = draw_bar(label.chance, [(label.limit, DOUBT)], 180)
    answer = LABEL_ANSWER_TEXTS[label.answer]
    row = _draw_row(label.name, bar_image, format_number(label.chance), answer, _LABEL_COLOURS[label.answer])
    caption = f"{label.kind}, named from {format_number(label.limit)} on"
    return stack_vertically([row, render_text(caption, width, 14, MUTED_TEXT)], 0)


def _draw_row(name: str, bar_image: Image.Image, value: str, remark: str, colour: str) -> Image.Image:
    """Return one row of a table: name, bar, number and remark."""
    bar_cell = create_blank(bar_image.width, bar_image.height + 5)
    bar_cell.paste(bar_image, (0, 5))
    cells = [
        render_text(name, 170, 16),
        bar_cell,
        render_text(value, 80, 16),
        render_text(remark, 110, 16, colour),
    ]
    return stack_horizontally(cells, 14)


def _draw_eyes(explanation: PhotoExplanation) -> Image.Image:
    """Return the eye crops of the most prominent faces, each with its probability."""
    faces = explanation.result.evidence.faces
    crops = sorted(explanation.eyes, key=lambda crop: -faces[crop.face_index].prominence)
    panels = [_draw_eye(crop, explanation) for crop in crops[:MAX_EYES]]
    rows = [stack_horizontally(row, 16) for row in _split_rows(panels, 8)]
    caption = "Each eye as the network received it, upright, with its probability of being open."
    if len(crops) > MAX_EYES:
        caption += f" {len(crops) - MAX_EYES} more are not shown."
    return add_title(_pad_right(stack_vertically(rows, 12), _INNER_WIDTH), "The eyes", caption)


def _draw_eye(crop: EyeCrop, explanation: PhotoExplanation) -> Image.Image:
    state = explanation.result.verdict.faces[crop.face_index]
    image = Image.fromarray(crop.pixels)
    caption = render_text(f"Face {crop.face_index + 1}: open {format_number(crop.eye.open)}", image.width, 14)
    strip = Image.new("RGB", (image.width, 4), STATE_COLOURS[state])
    return stack_vertically([image, strip, caption], 2)


def _draw_occlusion_maps(explanation: PhotoExplanation) -> Image.Image:
    """Return the occlusion map of each label, with the scale of colours."""
    count = max(1, len(explanation.occlusion_maps))
    width = (_INNER_WIDTH - _GAP * (count - 1)) // count
    photo = resize_to_fit(explanation.working, width, 460)
    panels = [
        _draw_occlusion_map(label, render_occlusion_map(photo, occlusion_map), width)
        for label, occlusion_map in explanation.occlusion_maps
    ]
    caption = (
        "Parts of the photo were given to the network alone: the colour shows the mean prediction for the "
        "parts that contain a place."
    )
    return add_title(
        stack_vertically([stack_horizontally(panels, _GAP), render_occlusion_scale(360)], 12),
        "Where it shows",
        caption,
    )


def _draw_occlusion_map(label: Label, image: Image.Image, width: int) -> Image.Image:
    summary = (
        f"{label.kind}; of the whole photo {format_number(label.chance)}, limit {format_number(label.limit)}"
    )
    caption = f"{summary}: {LABEL_ANSWER_TEXTS[label.answer]}"
    return add_title(_pad_right(image, width), label.name, caption, _LABEL_COLOURS[label.answer])


def _pad_right(block: Image.Image, width: int) -> Image.Image:
    """Return the block at the left of a page of that width, so that the text above it has room."""
    page = create_blank(width, block.height)
    page.paste(block, (0, 0))
    return page


def _split_rows(blocks: Sequence[Image.Image], size: int) -> Iterator[Sequence[Image.Image]]:
    for start in range(0, len(blocks), size):
        yield blocks[start : start + size]

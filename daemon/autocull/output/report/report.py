"""The report: one self-contained page with every photo, its verdict and its reasons.

The page asks the network for nothing and cannot: its content security policy allows only its own style and
script, by their checksums, and pictures that are embedded or lie on the same disk. Texts from photos and
their names are escaped by the template engine.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment

from autocull.atomic_write import atomic_write
from autocull.errors import MarksError
from autocull.judge import REASON_TEXTS, Settings
from autocull.judge.texts.labels import LABEL_ANSWER_TEXTS
from autocull.judge.texts.reasons import KIND_NAMES
from autocull.judge.texts.score_table import OUTCOME_WORDS
from autocull.output.html import create_page_environment
from autocull.output.report.cards import VERDICTS, build_card, make_printable
from autocull.output.report.histograms import BINS, Histograms
from autocull.output.result import Judged, Result
from autocull.series.model import Kind

_CARDS_PLACEHOLDER = "<!-- cards -->"


def write_report(
    rows: Iterable[tuple[Result, bytes | None]], path: Path, *, title: str, settings: Settings
) -> None:
    """Write the page of `rows` (results with their thumbnails) to `path`; it appears when it is complete.

    Rows are taken as they come and not kept, so a shoot of any size needs little memory. `settings` are those
    that the results were judged by; their limits are drawn. Raises MarksError where `path` cannot be written.
    """
    environment = _make_environment()
    try:
        with tempfile.TemporaryFile() as cards, atomic_write(path) as page:
            head = _write_cards(rows, cards, environment, settings)
            text = environment.get_template("page.html.j2").render(title=make_printable(title), **head)
            before, after = text.split(_CARDS_PLACEHOLDER)
            page.write(before.encode())
            cards.seek(0)
            shutil.copyfileobj(cards, page)
            page.write(after.encode())
    except OSError as error:
        raise MarksError(path, f"The report {path} cannot be written: {error.strerror}.") from error


def _make_environment() -> Environment:
    environment = create_page_environment("autocull.output")
    environment.globals.update(outcomes=OUTCOME_WORDS, said=LABEL_ANSWER_TEXTS)
    return environment


class _SeriesCounter:
    """The series of a shoot, as they come by."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def add(self, result: Judged) -> None:
        """Note the series of a photo that has siblings."""
        position = result.verdict.series
        if position is not None and position.size > 1:
            self._kinds[position.id] = position.kind

    def count_kinds(self) -> list[tuple[str, int]]:
        """How many series there are of each kind, the most frequent first."""
        return [
            (KIND_NAMES[kind].capitalize(), count)
            for kind, count in Counter(self._kinds.values()).most_common()
        ]


def _write_cards(
    rows: Iterable[tuple[Result, bytes | None]], cards: BinaryIO, environment: Environment, settings: Settings
) -> dict[str, Any]:
    """Write the cards one by one, and return what the page's head says of them all."""
    template = environment.get_template("card.html.j2")
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    histograms, series_counter = Histograms(settings), _SeriesCounter()
    for number, (result, thumbnail) in enumerate(rows):
        card = build_card(result, thumbnail, settings)
        cards.write(template.render(card=card, number=number).encode())
        verdicts[card.verdict] += 1
        reasons.update({code for code, _, _ in card.reasons})
        if isinstance(result, Judged):
            histograms.add(result)
            series_counter.add(result)
    return {
        "verdicts": [(key, words, verdicts[key]) for key, words in VERDICTS.items()],
        "reasons": [
            (code, REASON_TEXTS[code].name, count)
            for code, count in reasons.most_common()
            if code in REASON_TEXTS
        ],
        "histograms": histograms.list_non_empty(),
        "series": series_counter.count_kinds(),
        "bins": BINS,
        "total": verdicts.total(),
    }

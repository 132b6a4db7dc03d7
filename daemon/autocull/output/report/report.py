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

from autocull.atomic_write import whole_file
from autocull.errors import MarksError
from autocull.judge import WORDS, Settings
from autocull.judge.texts.labels import SAID_WORDS
from autocull.judge.texts.reasons import KINDS
from autocull.judge.texts.score_table import OUTCOME_WORDS
from autocull.output.html import page_environment
from autocull.output.report.cards import VERDICTS, card_of, printable
from autocull.output.report.histograms import BINS, Histograms
from autocull.output.result import Judged, Result
from autocull.series.model import Kind

_HERE = "<!-- cards -->"


def write_report(
    rows: Iterable[tuple[Result, bytes | None]], path: Path, *, title: str, settings: Settings
) -> None:
    """Write the page of `rows` (results with their thumbnails) to `path`; it appears when it is complete.

    Rows are taken as they come and not kept, so a shoot of any size needs little memory. `settings` are those
    that the results were judged by; their limits are drawn. Raises MarksError where `path` cannot be written.
    """
    environment = _environment()
    try:
        with tempfile.TemporaryFile() as cards, whole_file(path) as page:
            head = _write_cards(rows, cards, environment, settings)
            text = environment.get_template("page.html.j2").render(title=printable(title), **head)
            before, after = text.split(_HERE)
            page.write(before.encode())
            cards.seek(0)
            shutil.copyfileobj(cards, page)
            page.write(after.encode())
    except OSError as error:
        raise MarksError(path, f"The report {path} cannot be written: {error.strerror}.") from error


def _environment() -> Environment:
    environment = page_environment("autocull.output")
    environment.globals.update(outcomes=OUTCOME_WORDS, said=SAID_WORDS)
    return environment


class _Found:
    """The series of a shoot, as they come by."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def add(self, result: Judged) -> None:
        """Note the series of a photo that has siblings."""
        place = result.verdict.series
        if place is not None and place.size > 1:
            self._kinds[place.id] = place.kind

    def kinds(self) -> list[tuple[str, int]]:
        """How many series there are of each kind, the most frequent first."""
        return [
            (KINDS[kind].capitalize(), count) for kind, count in Counter(self._kinds.values()).most_common()
        ]


def _write_cards(
    rows: Iterable[tuple[Result, bytes | None]], cards: BinaryIO, environment: Environment, settings: Settings
) -> dict[str, Any]:
    """Write the cards one by one, and return what the page's head says of them all."""
    template = environment.get_template("card.html.j2")
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    histograms, found = Histograms(settings), _Found()
    for number, (result, small) in enumerate(rows):
        card = card_of(result, small, settings)
        cards.write(template.render(card=card, number=number).encode())
        verdicts[card.verdict] += 1
        reasons.update({code for code, _, _ in card.reasons})
        if isinstance(result, Judged):
            histograms.add(result)
            found.add(result)
    return {
        "verdicts": [(key, words, verdicts[key]) for key, words in VERDICTS.items()],
        "reasons": [
            (code, WORDS[code].name, count) for code, count in reasons.most_common() if code in WORDS
        ],
        "histograms": histograms.drawn(),
        "series": found.kinds(),
        "bins": BINS,
        "total": verdicts.total(),
    }

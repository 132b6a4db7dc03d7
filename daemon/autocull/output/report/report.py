"""The report: one self-contained page with every photo, its verdict and its reasons.

The page cannot use the network: its content security policy allows only its own style and script, by their
checksums, and pictures that are embedded or on the same disk. Texts from photos and file names are escaped
by the template engine. Each card is data (JSON), which the page's script draws while the card is near the
window, so that a shoot of thousands opens quickly.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from autocull.atomic_write import atomic_write
from autocull.errors import MarksError
from autocull.judge import KIND_NAMES, REASON_TEXTS, Settings
from autocull.output.html import create_page_environment
from autocull.output.report.card_data import encode_card
from autocull.output.report.cards import SIGNS, VERDICTS, Card, build_card, make_printable
from autocull.output.report.histograms import BINS, Histograms
from autocull.output.result import Judged, Result
from autocull.read import Frame
from autocull.series import Kind

_CARDS_PLACEHOLDER = "<!-- cards -->"


class ReportWriter:
    """Writes the page of a shoot to `path`; it appears when it is complete, with `finish`.

    Cards go into a temporary file as results are added, so a shoot of any size needs little memory.
    `settings` are those that the results were judged by; their limits are drawn. `find_thumbnail` returns a
    frame's small JPEG, None where there is none.
    """

    def __init__(
        self, path: Path, *, title: str, settings: Settings, find_thumbnail: Callable[[Frame], bytes | None]
    ) -> None:
        self._path = path
        self._title = title
        self._settings = settings
        self._find_thumbnail = find_thumbnail
        self._environment = create_page_environment("autocull.output")
        self._card_template = self._environment.get_template("card.html.j2")
        self._cards = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._error: OSError | None = None
        self._summary = _Summary(settings)

    def add(self, result: Result) -> None:
        """Write the card of a result; where the disk is full, `finish` raises the error."""
        card = build_card(result, self._find_thumbnail(result.frame), self._settings)
        text = self._card_template.render(
            card=card,
            data=encode_card(card),
            codes=[code for code, _, _ in card.reasons],
            number=self._summary.verdicts.total(),
        )
        self._summary.add(result, card)
        try:
            if self._error is None:
                self._cards.write(text.encode())
        except OSError as error:
            self._error = error

    def finish(self) -> None:
        """Write the page; raises MarksError where it cannot be written."""
        template = self._environment.get_template("page.html.j2")
        text = template.render(title=make_printable(self._title), **self._summary.template_values())
        before, after = text.split(_CARDS_PLACEHOLDER)
        try:
            if self._error is not None:
                raise self._error
            self._cards.seek(0)
            with atomic_write(self._path) as page:
                page.write(before.encode())
                shutil.copyfileobj(self._cards, page)
                page.write(after.encode())
        except OSError as error:
            message = f"The report {self._path} cannot be written: {error.strerror}."
            raise MarksError(self._path, message) from error

    def close(self) -> None:
        """Remove the temporary file; a page that is not finished does not appear."""
        with suppress(OSError):  # buffered data that no longer fits on the disk
            self._cards.close()


class _Summary:
    """Counts and histograms of all results, for the head of the page."""

    def __init__(self, settings: Settings) -> None:
        self.verdicts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._first_reasons: Counter[str] = Counter()
        self._histograms = Histograms(settings)
        self._kinds_by_series: dict[str, Kind] = {}

    def add(self, result: Result, card: Card) -> None:
        """Count a result that has this card."""
        self.verdicts[card.verdict] += 1
        self._reasons.update({code for code, _, _ in card.reasons})
        if isinstance(result, Judged):
            self._histograms.add(result)
            if result.verdict.answer == "reject":
                self._first_reasons[result.verdict.reasons[0].code] += 1
            position = result.verdict.series
            if position is not None and position.size > 1:
                self._kinds_by_series[position.id] = position.kind

    def template_values(self) -> dict[str, Any]:
        """Return the variables of the page's template, the most frequent reasons and series first."""
        kinds = Counter(self._kinds_by_series.values())
        return {
            "verdicts": [(key, words, self.verdicts[key]) for key, words in VERDICTS.items()],
            "reasons": [
                (code, REASON_TEXTS[code].name, count, self._first_reasons[code])
                for code, count in self._reasons.most_common()
                if code in REASON_TEXTS
            ],
            "histograms": self._histograms.list_non_empty(),
            "series": [(KIND_NAMES[kind].capitalize(), count) for kind, count in kinds.most_common()],
            "signs": SIGNS,
            "bins": BINS,
            "total": self.verdicts.total(),
        }

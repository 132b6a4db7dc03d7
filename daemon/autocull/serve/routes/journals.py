"""Journals as an undo reads them: `/v1/journals`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from autocull.serve.http.request_parsing import nothing_asked, page, parameters
from autocull.serve.http.responses import journal_answer, page_answer
from autocull.serve.journals import Journals

JOURNALS, ENTRIES = 20, 200
"""Journals, and entries, on a page, unless asked otherwise."""


def undoing_blueprint(journals: Journals) -> Blueprint:
    """Make the addresses below `/v1/journals`."""
    blueprint = Blueprint("undoing", __name__, url_prefix="/v1/journals")

    @blueprint.get("")
    def newest() -> Response:
        """List the newest journals, of one catalog or of all."""
        given = parameters("catalog", "limit")
        _, limit = page(given, JOURNALS)
        found = journals.newest(given.get("catalog"), limit)
        return jsonify(journals=[journal_answer(journal) for journal in found])

    @blueprint.get("/<journal>/entries")
    def entries(journal: str) -> Response:
        """Give a page of a journal's entries."""
        after, limit = page(parameters("after", "limit"), ENTRIES)
        rows, complete = journals.entries(journal, after, limit)
        return jsonify(page_answer("entries", rows, after, complete))

    @blueprint.post("/<journal>/undone")
    def undone(journal: str) -> Response:
        """Note that a journal was undone."""
        nothing_asked()
        return jsonify(journal_answer(journals.undo(journal)))

    return blueprint

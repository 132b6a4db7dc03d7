"""The routes that an undo reads journals by: `/v1/journals`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from autocull.serve.http import check_no_input, journal_to_json, page_to_json, parse_page, parse_parameters
from autocull.serve.journals import Journals

JOURNALS_PER_PAGE, ENTRIES_PER_PAGE = 20, 200
"""The default numbers of journals and of entries on a page."""


def create_journals_blueprint(journals: Journals) -> Blueprint:
    """Create the routes below `/v1/journals`."""
    blueprint = Blueprint("journals", __name__, url_prefix="/v1/journals")

    @blueprint.get("")
    def list_journals() -> Response:
        """List the newest journals of one catalog or of all."""
        values = parse_parameters("catalog", "limit")
        _, limit = parse_page(values, JOURNALS_PER_PAGE)
        newest_journals = journals.list_newest(values.get("catalog"), limit)
        return jsonify(journals=[journal_to_json(journal) for journal in newest_journals])

    @blueprint.get("/<journal>/entries")
    def list_entries(journal: str) -> Response:
        """Return a page of a journal's entries."""
        after, limit = parse_page(parse_parameters("after", "limit"), ENTRIES_PER_PAGE)
        rows, complete = journals.list_entries(journal, after, limit)
        return jsonify(page_to_json("entries", rows, after, complete))

    @blueprint.post("/<journal>/undone")
    def mark_undone(journal: str) -> Response:
        """Mark a journal as undone."""
        check_no_input()
        return jsonify(journal_to_json(journals.mark_undone(journal)))

    return blueprint

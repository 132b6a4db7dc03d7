"""HTTP layer: access gate, request parsing, responses, error handlers."""

"""The HTTP layer: server, access gate, request models and parsing, responses, error handlers."""

"""The case page and the feedback list."""

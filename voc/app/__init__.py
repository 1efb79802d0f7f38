"""Assembles voc: the parts of a running server, and the server itself."""

"""Connections to other people's servers, each with an end in time."""

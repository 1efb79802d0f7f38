"""Runs of the rules over what came in before: what they read."""

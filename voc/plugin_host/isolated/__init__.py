"""Plugins in processes of their own: the same contract over a pipe, and an end to whatever they do."""

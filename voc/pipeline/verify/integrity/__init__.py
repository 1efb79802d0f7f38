"""Checks of the tables themselves: references, closed words, the set-up of the house."""

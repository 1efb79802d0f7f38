"""Checks that words which were taken back are gone (I10)."""

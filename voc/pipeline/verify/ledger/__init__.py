"""Checks of the ledger: promises, answers and judgements (I4)."""

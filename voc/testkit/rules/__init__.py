"""The rules, one file for each subject; importing this package fills `voc.testkit.rule.RULES`."""

from __future__ import annotations

from voc.testkit.rules import (
    accepting,
    analyzing,
    fetching,
    files,
    identity,
    judging,
    limits,
    loading,
    offering,
    options,
    process,
    secrets,
    sending,
    signing,
    threads,
    wording,
)

__all__ = [
    "accepting",
    "analyzing",
    "fetching",
    "files",
    "identity",
    "judging",
    "limits",
    "loading",
    "offering",
    "options",
    "process",
    "secrets",
    "sending",
    "signing",
    "threads",
    "wording",
]

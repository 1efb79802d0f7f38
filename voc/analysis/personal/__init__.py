"""Personal data in what people write: e-mail addresses, phones, cards, identity numbers, accounts, addresses.

Found by their check digits where they have any, else by the words that stand beside them. Best effort: a name in the
middle of a sentence is not found, nor is an address without a number. The two libraries that know phones and identity
numbers are loaded at the first text that holds digits.
"""

from __future__ import annotations

from voc.analysis.personal.find import Found, find
from voc.analysis.personal.marks import Kind
from voc.analysis.personal.masking import Masked, mask

__all__ = ["Found", "Kind", "Masked", "find", "mask"]

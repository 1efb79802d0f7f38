"""voc: voice of the customer. See docs/house.md for the map of the rooms."""

__version__ = "0.1.0"

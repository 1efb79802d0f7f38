"""The slots of pages: what plugins offer to show of a customer, asked in the worker and kept."""

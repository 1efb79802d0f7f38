"""Rights of the person. In this form: how long raw receipts are kept."""

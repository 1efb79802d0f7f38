"""The demo: a believable retailer."""

"""What screens and the API show of channels."""

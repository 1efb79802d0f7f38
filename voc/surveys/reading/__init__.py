"""What screens show of surveys."""

"""What screens show of customers: the list, one profile, one timeline."""

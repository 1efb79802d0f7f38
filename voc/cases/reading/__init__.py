"""What screens and the API show of cases and feedback, each with a fixed number of statements."""

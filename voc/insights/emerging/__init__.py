"""What is suddenly said more often than expected: phrases, their usual rate, and what stands out of it."""

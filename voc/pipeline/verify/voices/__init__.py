"""One feedback after the other, with everything that was made of it."""

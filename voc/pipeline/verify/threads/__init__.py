"""One case after the other, with everything that happened on it; its clock is computed again (I6)."""

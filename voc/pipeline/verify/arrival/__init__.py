"""Checks of what arrived: durable, counted once, nothing dropped in silence (I1, I2, I3)."""

"""Intake: the receipt first, then what is in it. Accepted means durable (I1), counted once (I2), never dropped (I3)."""

"""The model that ships: linear heads over hashed words. Pure Python, no network, loaded at first use."""

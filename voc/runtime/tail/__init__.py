"""What comes and goes through one channel, as it happens, for a person who looks on."""

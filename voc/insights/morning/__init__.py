"""What the Morning page shows: who needs help now, from live tables; how things stand, from the rollups."""

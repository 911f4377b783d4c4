"""What metrics cost: measured, and counted from their definitions."""

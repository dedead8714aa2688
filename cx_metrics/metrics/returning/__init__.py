"""Who comes back, after how long, about what."""

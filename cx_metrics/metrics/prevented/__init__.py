"""What keeps customers from having to ask."""

"""What people with bad intentions, and bad luck, hand in."""

"""Whether it is solved at the first contact, and when it was promised."""

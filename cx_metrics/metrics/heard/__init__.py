"""Whom surveys hear, and how far they can be trusted."""

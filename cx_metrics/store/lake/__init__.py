"""Contacts at rest: the lake, how they come in, and how a load is taken back."""

"""Keeping a home: find what is wrong with it, back it up, restore it."""

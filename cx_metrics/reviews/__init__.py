"""Pause and investigate: from a signal to a fix that is proven."""

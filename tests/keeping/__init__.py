"""Tests of keeping a home."""

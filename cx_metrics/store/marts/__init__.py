"""The mart: what it is, how it is made from the lake, and when it is due."""

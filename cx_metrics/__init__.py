"""CX Insight's shared metrics module: everything that can be computed without a screen."""

__version__ = "0.1.0"

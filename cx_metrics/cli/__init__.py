"""The command line: ``python -m cx_metrics ...``. Prints for people, and JSON with ``--json``."""

"""``python -m cx_metrics``."""

from cx_metrics.cli import main

main()

"""``python -m cx_metrics``."""

from cx_metrics.cli.main import main

main()

"""Speed and memory at 1 and 10 million contacts: ``make bench``. Ratios are taken in one run."""

"""Hands in extracts and mappings that nobody would write, for some minutes: ``python -m benchmarks.fuzz [SECONDS]``."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hardening.fuzzing import Extract, extracts, mapping_texts, read_mapping, staged

SECONDS = 300


def main(seconds: float) -> int:
    """Fuzz for so long, print what came of it, and give the exit status: 1 where something broke."""
    found: Counter[str] = Counter()
    until = time.monotonic() + seconds
    failed = None

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=_PHASES)
    @given(extract=extracts, text=mapping_texts(), plainly=st.booleans())
    def attempt(extract: Extract, text: str, plainly: bool) -> None:
        mapping = read_mapping(text)
        found["mappings read" if mapping else "mappings refused"] += 1
        receipt = staged(extract, None if plainly else mapping)
        found["extracts refused" if receipt is None else "extracts read"] += 1
        if receipt is not None:
            found["rows"] += receipt.read
            found["rows accepted"] += receipt.accepted

    while time.monotonic() < until and failed is None:
        try:
            attempt()
        except Exception as error:
            failed = error
    found["peak memory in MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found["inputs that broke something"] = int(failed is not None)
    for what, count in found.items():
        print(f"{count:>12,}  {what}")
    if failed is not None:
        raise failed
    return 0


_PHASES = (Phase.generate, Phase.shrink)

if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))

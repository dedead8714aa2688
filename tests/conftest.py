"""What holds for every test: speed is for benchmarks, so no property fails for being slow on a busy machine."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unhurried", UNHURRIED)
# CI asks whether a change broke something: it tries the same examples each time. New ones are tried by people.
settings.register_profile("ci", UNHURRIED, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "unhurried")

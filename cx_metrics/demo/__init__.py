"""A made-up internet provider with eighteen months of contacts, for trying everything without one's own data.

Who it is and what its customers ask stands in ``company.toml``; ``contacts`` and ``outcomes`` simulate it;
``files`` writes it down as two systems would export it, each with its mapping, and as a records file. The
same seed and scale give the same bytes. ``STORIES`` are planted in it; ``data/README.md`` says how they show.
"""

from __future__ import annotations

from cx_metrics.demo.company import (
    COMPANY,
    DEMO_SOURCES,
    END_ON,
    OUTAGES_ON,
    START_ON,
    STORIES,
    TIMEZONE,
    Story,
)
from cx_metrics.demo.contacts import simulate
from cx_metrics.demo.files import DemoExtract, write_demo

__all__ = [
    "COMPANY",
    "DEMO_SOURCES",
    "END_ON",
    "OUTAGES_ON",
    "START_ON",
    "STORIES",
    "TIMEZONE",
    "DemoExtract",
    "Story",
    "simulate",
    "write_demo",
]

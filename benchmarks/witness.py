"""Whether the answers people get are right: of the days asked for, and the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.people import View
from benchmarks.tabs import Shown
from cx_metrics.store.marts.mart import read_manifest
from pages.shared.format import day_span
from pages.shared.view import BEFORE, view


@dataclass
class Witness:
    """Looks at every answer.

    Attributes:
        home: The folder of the home.
    """

    home: Path
    _seen: dict[tuple[View, str], dict[str, str]] = field(default_factory=dict)
    _spans: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, asked: View, shown: Shown) -> str:
        """What is wrong with an answer; empty where nothing is."""
        if not asked.page.filtered:
            return ""
        line = next((text for text in shown.texts if "data until" in text), "")
        days = line.partition(" · ")[0]
        if (asked.period, days) not in self._spans:
            self._spans.add((asked.period, self._span(asked.period)))
        if (asked.period, days) not in self._spans:
            return f"asked for {asked.period}, got {days or 'no days'}"
        before = self._seen.setdefault((asked, line), dict(shown.cards))
        return "" if before == shown.cards else f"others saw {before}, not {dict(shown.cards)}"

    def _span(self, period: str) -> str:
        """The days of a period in the data as it now stands."""
        manifest = read_manifest(self.home / "mart")
        assert manifest is not None
        return day_span(*view(manifest.facts(), period=period, comparison=BEFORE, chosen=None, where={}).days)

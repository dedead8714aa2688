"""The command ``signals``: which intents ask for a look, a review or a stop, and why."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cx_metrics.cli.console import OUT, AsCsv, AsJson, print_rows
from cx_metrics.config import settings
from cx_metrics.errors import BadUse
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.reviews import signals as found_signals
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import decided, fresh_mart
from cx_metrics.store.marts.mart import open_mart


def signals(
    states: Annotated[bool, typer.Option("--states", help="Which intents are judged, and why others are not.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Which intents ask for a review, and why: the loudest signals first, as of the last full day."""
    if as_json and as_csv:
        raise BadUse("--json and --csv exclude each other: leave one out")
    home = Home(settings())
    mart = fresh_mart(home)
    known = found_signals.states(home, mart)
    frame = known if states else found_signals.to_frame(found_signals.current(home, mart))
    if as_csv:
        sys.stdout.write(to_csv(frame))
    elif as_json or states:
        print_rows(rows(frame), as_json=as_json, empty="There are no intents yet.")
    else:
        _tell(rows(frame), unjudged=int((known["state"] != "judged").sum()))


def keep_signals(home: Home) -> None:
    """Finds the signals of the mart as it stands and keeps them, so that nobody waits for them later."""
    with open_mart(home.mart, decisions=decided(home)) as mart:
        found_signals.current(home, mart)


def _tell(found: list[dict[str, object]], *, unjudged: int) -> None:
    for signal in found:
        OUT.print(f"{str(signal['level']).upper()}: {signal['sentence']}", markup=False)
    if not found:
        OUT.print("No signal: nothing stands out.", markup=False)
    if unjudged:
        intents = f"{unjudged} intent{'s' * (unjudged != 1)}"
        OUT.print(f"The contacts of {intents} can't be judged by themselves: signals --states says why.", markup=False)

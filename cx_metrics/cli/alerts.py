"""The command line of proactive alerts: ``alerts import|list|customers|remove``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cx_metrics.cli.console import AsJson, print_rows, say
from cx_metrics.config import settings
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.prevented.alerts import alerts
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import alerts as alerting
from cx_metrics.store.decided import records_file
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart

alerts_app = typer.Typer(no_args_is_help=True, help="Messages sent before customers asked, and whether they helped.")
_SHOWN = ("name", "intent", "sent_on", "n_sent", "n_held_out", "value", "low", "high", "verdict", "avoided", "reason")


@alerts_app.command("import")
def import_alerts(
    file: Annotated[Path, typer.Argument(help="A CSV of alerts, or a TOML file with [[alerts]].")],
    as_json: AsJson = False,
) -> None:
    """Note the alerts of a file: adds and updates by name, removes nothing; all of it or nothing."""
    home = Home(settings())
    with home.session() as session:
        saved = records_file.import_records(
            session, records_file.read_text(file), origin=file.name, actor=home.settings.actor
        )
    counts = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
    said = ", ".join(f"{number} {what}" for what, number in counts.items())
    say(counts, f"{said}. An import removes nothing.", as_json=as_json)


@alerts_app.command("list")
def list_alerts(
    from_on: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    as_json: AsJson = False,
) -> None:
    """The alerts, latest first, each with its measured effect or why there is none."""
    found = rows(alerts(fresh_mart(Home(settings())), Slice.parse(from_on=from_on, to_on=to_on)))
    shown = found if as_json else [_short(row) for row in found]
    print_rows(shown, as_json=as_json, empty="No alert yet. Start with: python -m cx_metrics alerts import FILE")


@alerts_app.command("customers")
def take_customers(
    name: Annotated[str, typer.Argument(help="Name of the alert.")],
    file: Annotated[Path, typer.Argument(help="A CSV of customer_id and group: sent or held out.")],
    as_json: AsJson = False,
) -> None:
    """Say whom an alert was sent to and from whom it was held back, and count who contacted us."""
    home = Home(settings())
    text = records_file.read_text(file)
    counted = alerting.take_customers(home, name, text, origin=file.name, actor=home.settings.actor)
    data = {"alert": name, **vars(counted)}
    sentence = (
        f"{name}: {counted.contacted_sent} of {counted.n_sent} customers contacted us, "
        f"and {counted.contacted_held_out} of {counted.n_held_out} held out."
    )
    say(data, sentence, as_json=as_json)


@alerts_app.command("remove")
def remove_alert(name: Annotated[str, typer.Argument(help="Name of the alert.")], as_json: AsJson = False) -> None:
    """Take an alert away, with its customers."""
    home = Home(settings())
    with home.session() as session:
        alerting.remove_alert(session, name, actor=home.settings.actor)
    say({"removed": name}, f"The alert '{name}' is taken away.", as_json=as_json)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}

"""Proactive alerts as the Prevention page writes them: through the same doors as the command line."""

from __future__ import annotations

from cx_metrics.store import alerts, deciding, records_file
from cx_metrics.store.alerts import Contacted
from cx_metrics.store.deciding import Saved
from cx_metrics.store.decisions import Alert
from pages.shared import decided
from pages.shared.loaders import home, look_again


def present() -> dict[str, Alert]:
    """The alerts there are, by name."""
    return {alert.name: alert for alert in decided.present().alerts}


def with_customers() -> dict[str, int]:
    """How many customers are on file for each alert that has any."""
    with home().session() as session:
        return alerts.with_customers(session)


def save(alert: Alert) -> Saved:
    """Note an alert, or change the one of its name."""
    opened = home()
    with opened.session() as session:
        saved = deciding.save_alerts(session, [alert], actor=opened.settings.actor)
    look_again()
    return saved


def remove(name: str) -> None:
    """Take an alert away."""
    opened = home()
    with opened.session() as session:
        alerts.remove_alert(session, name, actor=opened.settings.actor)
    look_again()


def take_in(raw: bytes, *, file: str) -> Saved:
    """Note the alerts of a CSV or TOML file."""
    return decided.take_in(raw, name=file)


def take_customers(name: str, raw: bytes, *, file: str) -> Contacted:
    """Keep an alert's customers and count who contacted us."""
    opened = home()
    text = records_file.decoded(raw, origin=file)
    counted = alerts.take_customers(opened, name, text, origin=file, actor=opened.settings.actor)
    look_again()
    return counted

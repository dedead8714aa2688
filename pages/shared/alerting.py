"""Proactive alerts as the Prevention page writes them: through the same doors as the command line."""

from __future__ import annotations

from cx_metrics.store.decided import alerts, deciding, records_file
from cx_metrics.store.decided.alerts import Contacted
from cx_metrics.store.decided.deciding import Saved
from cx_metrics.store.decided.decisions import Alert
from cx_metrics.store.people.access import Action
from pages.shared import decided, who
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
    who.acting(Action.NOTE_ALERT, intent=alert.intent)
    actor = _actor(alert.name)
    with home().session() as session:
        saved = deciding.save_alerts(session, [alert], actor=actor)
    look_again()
    return saved


def remove(name: str) -> None:
    """Take an alert away."""
    actor = _actor(name)
    with home().session() as session:
        alerts.remove_alert(session, name, actor=actor)
    look_again()


def take_in(raw: bytes, *, file: str) -> Saved:
    """Note the alerts of a CSV or TOML file."""
    return decided.take_in(raw, name=file)


def take_customers(name: str, raw: bytes, *, file: str) -> Contacted:
    """Keep an alert's customers and count who contacted us."""
    actor, text = _actor(name), records_file.decoded(raw, origin=file)
    counted = alerts.take_customers(home(), name, text, origin=file, actor=actor)
    look_again()
    return counted


def _actor(name: str) -> str:
    """Who changes the alert of that name, where they may; there may be none yet."""
    there = present().get(name)
    if there is None and who.may_somewhere(Action.NOTE_ALERT):
        return who.person().email
    return who.acting(Action.NOTE_ALERT, intent=there.intent if there else None)

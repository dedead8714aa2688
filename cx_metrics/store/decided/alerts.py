"""Proactive alerts in the records: taken away, and who of their customers contacted us, counted in the lake."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pyarrow as pa
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from cx_metrics.contacts.mapping_checks import Problems, shown
from cx_metrics.contacts.schema import NONE
from cx_metrics.errors import BadInput, BadUse, did_you_mean
from cx_metrics.store import ledger
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import Alert, Decisions
from cx_metrics.store.engines.locked import connect
from cx_metrics.store.home import Home
from cx_metrics.store.lake.object_store import saying
from cx_metrics.store.privacy.pseudonyms import remember_key, resting
from cx_metrics.store.records import AlertCustomer

USUAL_DAYS = 7
CUSTOMER_COLUMNS = ("customer_id", "group")
"""The columns of a file of an alert's customers."""
GROUPS: Mapping[str, bool] = {"sent": False, "held out": True}
"""What ``group`` can be, and whether it means that the alert was held back."""
_DELIMITERS = (",", ";", "\t")
_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Contacted:
    """Customers of an alert's two groups, and those of them who contacted us within its days.

    Attributes:
        n_sent: Customers it was sent to.
        n_held_out: Customers from whom it was held back.
        contacted_sent: Of the first, those with a contact about its intent.
        contacted_held_out: The same of the second.
    """

    n_sent: int
    n_held_out: int
    contacted_sent: int
    contacted_held_out: int


def alert(decisions: Decisions, name: str) -> Alert:
    """The alert of that name.

    Raises:
        BadUse: There is none.
    """
    found = {each.name: each for each in decisions.alerts}
    if name not in found:
        raise BadUse(f"there is no alert '{name}': {did_you_mean(name, found)}")
    return found[name]


def remove_alert(session: Session, name: str, *, actor: str) -> None:
    """Take an alert away, with the customers that belong to it.

    Raises:
        BadUse: There is none of that name.
    """
    alert(_decided(session), name)
    deciding.save(session, (), actor=actor, gone=[("alerts", (name,))])


def with_customers(session: Session) -> dict[str, int]:
    """How many customers are on file for each alert that has any."""
    counted = select(AlertCustomer.alert, func.count()).group_by(AlertCustomer.alert)
    return {row[0]: row[1] for row in session.execute(counted)}


def take_customers(home: Home, name: str, text: str, *, origin: str, actor: str) -> Contacted:
    """Keep who belonged to an alert's two groups, in place of any earlier ones, and count who contacted us.

    Args:
        home: Whose records and lake.
        name: Of the alert.
        text: A CSV with the columns ``customer_id`` and ``group``, which is ``sent`` or ``held out``.
        origin: Where the text comes from, as an error names it.
        actor: Who hands it in.

    Raises:
        BadUse: There is no alert of that name.
        BadInput: The file says something that isn't allowed; the message lists the problems.
    """
    named = read_customers(text, origin=origin)
    groups = {resting(customer, settings=home.settings): held for customer, held in named.items()}
    with home.session() as session:
        present = _decided(session)
    counted = count_contacted(home, alert(present, name), groups, windows=present.windows)
    with home.session() as session:
        remember_key(session, home.settings, actor=actor)
        found = alert(_decided(session), name)
        session.execute(delete(AlertCustomer).where(AlertCustomer.alert == name))
        rows = [{"alert": name, "customer_id": customer, "held_out": held} for customer, held in groups.items()]
        session.execute(insert(AlertCustomer), rows)
        after = {"customers": len(groups), "held_out": sum(groups.values())}
        ledger.audit(session, actor=actor, action="alert customers", subject=name, before=None, after=after)
        deciding.save_alerts(session, [_with_counts(found, counted)], actor=actor)
    return counted


def recount(home: Home) -> int:
    """Count anew who of the customers on file contacted us, as the data may have changed; how many alerts changed."""
    with home.session() as session:
        if not (names := with_customers(session)):
            return 0
        present = _decided(session)
        groups = {each: _groups(session, each) for each in present.alerts if each.name in names}
    # Counted in no transaction: it takes as long as the lake is large, and others want to write.
    counted = {each: count_contacted(home, each, own, windows=present.windows) for each, own in groups.items()}
    with home.session() as session:
        same = [_with_counts(each, counted[each]) for each in _decided(session).alerts if each in counted]
        return deciding.save_alerts(session, same, actor=home.settings.actor).changed


def count_contacted(home: Home, about: Alert, groups: Mapping[str, bool], *, windows: Mapping[str, int]) -> Contacted:
    """How many customers of each group contacted us about the alert's intent within its days.

    Args:
        home: Whose lake.
        about: The alert.
        groups: Customer id, and whether it was held back.
        windows: Days of the window of each intent that has one; for an alert without days of its own.
    """
    within = timedelta(days=about.within_days or windows.get(about.intent, USUAL_DAYS))
    ids = pa.table({"customer_id": list(groups), "held_out": list(groups.values())})
    sql = f"""
        SELECT held_out, count(DISTINCT customer_id) FROM {home.lake.contacts.relation()}
        JOIN ids USING (customer_id)
        WHERE coalesce(intent, '{NONE}') = $intent AND started_at BETWEEN $sent AND $until GROUP BY held_out"""
    params = {"intent": about.intent, "sent": about.sent_at, "until": about.sent_at + within}
    with saying(), connect(files=home.lake.contacts.files()) as connection:
        connection.register("ids", ids)
        asked = dict(connection.execute(sql, params).fetchall())
    n_held_out = sum(groups.values())
    return Contacted(len(groups) - n_held_out, n_held_out, asked.get(False, 0), asked.get(True, 0))


def read_customers(text: str, *, origin: str) -> dict[str, bool]:
    """Customer ids of a file, and whether the alert was held back from each.

    Raises:
        BadInput: The columns are others, a line says no group, or a customer is in both.
    """
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=head.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    lines = [[cell.strip() for cell in line] for line in lines if any(map(str.strip, line))]
    if not lines or sorted(cell.lower() for cell in lines[0]) != sorted(CUSTOMER_COLUMNS):
        raise BadInput(
            f"{origin}: the columns must be customer_id and group, not {', '.join(lines[0] if lines else [])}."
        )
    titles, problems = [cell.lower() for cell in lines[0]], Problems()
    groups: dict[str, bool] = {}
    for number, line in enumerate(lines[1:], start=2):
        customer, group = (dict(zip(titles, line, strict=False)).get(name, "") for name in CUSTOMER_COLUMNS)
        held = GROUPS.get(group.lower())
        if not customer or held is None:
            problems.add(f"line {number}", f"must be a customer and {' or '.join(GROUPS)}, not {shown(','.join(line))}")
        elif groups.setdefault(customer, held) is not held:
            problems.add(f"line {number}", f"customer '{customer}' is in both groups; leave it out of one")
    if not groups and not problems.found:
        problems.add("line 2", "names no customer")
    if problems.found:
        listed = "".join(f"\n  - {problem}" for problem in problems.found[:_MOST_PROBLEMS])
        raise BadInput(f"{origin} has {len(problems.found)} problems; nothing was saved:{listed}")
    return groups


def _groups(session: Session, about: Alert) -> dict[str, bool]:
    rows = session.execute(
        select(AlertCustomer.customer_id, AlertCustomer.held_out).where(AlertCustomer.alert == about.name)
    )
    return {row.customer_id: row.held_out for row in rows}


def _with_counts(about: Alert, counted: Contacted) -> Alert:
    held = counted.n_held_out
    return replace(
        about,
        n_sent=counted.n_sent,
        n_held_out=held or None,
        contacted_sent=counted.contacted_sent,
        contacted_held_out=counted.contacted_held_out if held else None,
    )


def _decided(session: Session) -> Decisions:
    return deciding.decisions(session, currency="EUR")

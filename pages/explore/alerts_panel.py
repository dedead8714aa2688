"""Proactive alerts on the Prevention page: what they did, every one of them, and the forms that note them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.charts import alerts as alerts_chart
from cx_metrics.errors import BadUse, CxError
from cx_metrics.metrics.prevented.alerts import alert_events
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.store.decided.decisions import Alert
from cx_metrics.store.people.access import Action, allowed, who_may
from pages.shared import alerting, cards, loaders, who
from pages.shared import format as write
from pages.shared import prevention_sentences as say
from pages.shared.frame import show_error
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain

SAID = "alerts_said"
OWN = "as the intent"
COLUMNS = (
    Column("name", "Alert", pinned=True),
    Column("intent", "Intent"),
    Column("sent_on", "Sent"),
    Column("verdict", "Verdict"),
    Column("value", "Difference", partial(write.points, digits=1)),
    Column("n_sent", "Sent to", write.count),
    Column("n_held_out", "Held out", write.count),
    Column("rate_sent", "Contacted us", partial(write.percent, digits=1)),
    Column("rate_held_out", "Of held out", partial(write.percent, digits=1)),
    Column("avoided", "Avoided", write.count, help="Customers who did not have to contact us; negative: who did so"),
    Column("reason", "Not measured because"),
    Column("trigger", "Because of"),
    Column("audience", "To whom"),
)


def alerts_panel(found: pd.DataFrame, effects: pd.DataFrame, *, asked: Slice, currency: str) -> None:
    """The alerts with their effect, and the forms to note, change and take away.

    Args:
        found: As ``alerts`` gives them.
        effects: As ``alert_effects`` gives them.
        asked: The slice both are of.
        currency: Of the amounts.
    """
    st.subheader("Did it help to tell customers before they asked?")
    if said := st.session_state.pop(SAID, None):
        st.success(plain(said), icon=":material/check_circle:")
    if found.empty:
        st.caption("No alert is noted yet. Note the first one below; hold it back from every tenth customer at random.")
    else:
        _pictures(found, effects, asked, currency)
        _every_alert(found, currency)
    if not who.may_somewhere(Action.NOTE_ALERT):
        st.caption(f"{who_may(Action.NOTE_ALERT)} note alerts.")
        return
    with st.expander("Note an alert", icon=":material/add_alert:"):
        _form(None, key="new_alert")
        if who.may(Action.NOTE_ALERT):
            _upload()


def _pictures(found: pd.DataFrame, effects: pd.DataFrame, asked: Slice, currency: str) -> None:
    left, right = st.columns(2)
    with left:
        _trials(found)
    with right:
        _before_and_after(loaders.ask(alert_events, asked))
    for row in effects.to_dict("records"):
        st.markdown(say.effect(row, currency=currency))
    if len(effects):
        csv_button(effects, key="alert_effects")


def _trials(found: pd.DataFrame) -> None:
    title = "With a group held out"
    if found["value"].notna().any():
        cards.chart_card(
            title,
            "Share of customers who contacted us, told less held out, in points · line = where it likely lies",
            loaders.drawn(alerts_chart.held_out, found),
            alt=alerts_chart.held_out_alt(found),
            data=found,
            key="alerts",
        )
    else:
        cards.missing_card(title, "No alert was held back from anybody, so none has a control group.")


def _before_and_after(events: pd.DataFrame) -> None:
    title = "Before and after, no control group"
    if events.empty:
        cards.missing_card(title, "No alert without a hold-out is about an intent with spikes.")
    else:
        cards.chart_card(
            title,
            "Extra contacts on the heaviest day of each spike · dotted = their mean",
            loaders.drawn(alerts_chart.events, events),
            alt=alerts_chart.events_alt(events),
            data=events,
            key="alert_events",
        )


def _every_alert(found: pd.DataFrame, currency: str) -> None:
    st.caption("Every alert, whatever the period. Select one to see what it did, to change it or take it away.")
    shown = found.assign(verdict=found["verdict"].where(found["verdict"].notna(), "not measured"))
    chosen = data_table(shown, COLUMNS, alt="Alerts and what they did", key="alerts_table", select=True)
    csv_button(found, key="alerts_table")
    if chosen is None or chosen >= len(found):
        return
    row = found.iloc[chosen]
    alert = alerting.present().get(str(row["name"]))
    if alert is None:
        return
    with st.container(border=True):
        st.markdown(f"**{plain(alert.name)}**: {say.trial(row.to_dict(), currency=currency)}")
        if not who.may(Action.NOTE_ALERT, intent=alert.intent):
            st.caption(f"{who_may(Action.NOTE_ALERT)} can change it.")
            return
        _form(alert, key=f"alert_{alert.name}")
        _customers(alert)
        if st.button("Take this alert away", key="remove_alert", icon=":material/delete:"):
            _do(partial(alerting.remove, alert.name), f"The alert '{alert.name}' is taken away.")


def _form(alert: Alert | None, *, key: str) -> None:
    """The fields of an alert: empty for a new one, those of the one to change else."""
    zone = loaders.home().settings.zone
    asking, every = who.person(), loaders.dimension_values("intent")
    intents = tuple(each for each in every if allowed(asking, Action.NOTE_ALERT, intent=each))
    had: dict[str, Any] = asdict(alert) if alert else {}
    sent = alert.sent_at.replace(tzinfo=UTC).astimezone(zone) if alert else None
    with st.form(key, border=False):
        left, middle, right = st.columns(3)
        values: dict[str, Any] = {
            "name": alert.name if alert else left.text_input("Name", max_chars=200),
            "intent": left.selectbox("Intent", intents, index=_place(intents, alert)),
            "trigger": left.text_input("Because of", value=had.get("trigger") or "", max_chars=200),
            "audience": left.text_input("To whom", value=had.get("audience") or "", max_chars=500),
        }
        on = middle.date_input("Sent on", value=sent.date() if sent else None)
        at = middle.time_input(f"at ({zone.key})", value=sent.time() if sent else time(9))
        days = middle.selectbox("Contacts count for days", (OWN, *WINDOWS), index=_days_place(alert))
        counts = {
            "n_sent": _number(right, "Customers it was sent to", had.get("n_sent")),
            "n_held_out": _number(right, "Customers held out at random", had.get("n_held_out")),
            "contacted_sent": _number(right, "Of those told, who contacted us", had.get("contacted_sent")),
            "contacted_held_out": _number(right, "Of those held out", had.get("contacted_held_out")),
        }
        if st.form_submit_button("Save" if alert else "Note it", type="primary"):
            moment = datetime.combine(on, at, zone) if on else None
            within = days if isinstance(days, int) else None
            _do(partial(_save, values, moment, within, counts), f"The alert '{values['name']}' is noted.")


def _save(values: dict[str, Any], at: datetime | None, within: int | None, counts: dict[str, int | None]) -> None:
    if at is None or counts["n_sent"] is None or not str(values["name"]).strip():
        raise BadUse("an alert needs a name, the day it was sent, and how many customers it was sent to")
    n_sent, others = counts["n_sent"], {name: number for name, number in counts.items() if name != "n_sent"}
    texts = {name: str(value).strip() or None for name, value in values.items()}
    sent_at = at.astimezone(UTC).replace(tzinfo=None)
    alerting.save(Alert(**texts, sent_at=sent_at, within_days=within, n_sent=n_sent, **others))  # type: ignore[arg-type]


def _upload() -> None:
    st.caption(
        "Or as a file: CSV with the columns name, intent, sent_at (with its offset) and n_sent, and where known "
        "trigger, within_days, audience, n_held_out, contacted_sent and contacted_held_out; or TOML with [[alerts]]."
    )
    file = st.file_uploader("Alerts as a file", type=["csv", "tsv", "toml"], key="alerts_file")
    if file is not None and st.button("Note these alerts", key="take_alerts"):
        _do(partial(alerting.take_in, file.getvalue(), file=file.name), f"{file.name} is noted.")


def _customers(alert: Alert) -> None:
    on_file = alerting.with_customers().get(alert.name)
    counted = f"{write.count(on_file)} customers are on file; who contacted us is counted at every refresh. "
    st.caption(
        f"{counted if on_file else ''}Who was told and who was held out, as CSV with the columns customer_id and group "
        "(sent or held out): then the data itself says who contacted us."
    )
    file = st.file_uploader("Its customers as a file", type=["csv", "tsv"], key="alert_customers")
    if file is not None and st.button("Count their contacts", key="take_customers"):
        take = partial(alerting.take_customers, alert.name, file.getvalue(), file=file.name)
        _do(take, f"The customers of '{alert.name}' are counted.")


def _do(what: Any, said: str) -> None:
    try:
        what()
    except CxError as error:
        show_error(error)
        return
    st.session_state[SAID] = said
    st.rerun()


def _number(column: Any, label: str, value: int | None) -> int | None:
    number: int | None = column.number_input(label, min_value=0, step=1, value=value)
    return number


def _place(intents: tuple[str, ...], alert: Alert | None) -> int | None:
    return intents.index(alert.intent) if alert and alert.intent in intents else None


def _days_place(alert: Alert | None) -> int:
    return WINDOWS.index(alert.within_days) + 1 if alert and alert.within_days in WINDOWS else 0

"""Intent: one reason in full, down to its contacts."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from cx_metrics.charts import distribution as distribution_chart
from cx_metrics.charts import rates as rates_chart
from cx_metrics.charts import windows as windows_chart
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.people.access import Action, who_may
from pages.shared import cards, contact_rows, loaders, sentences, who
from pages.shared.choice import one_of
from pages.shared.flag import titled
from pages.shared.forecast_card import forecast_card
from pages.shared.format import count
from pages.shared.frame import current_view, no_contacts
from pages.shared.registry import page
from pages.shared.tables import contact_table
from pages.shared.view import View
from pages.shared.volume_cards import choose_grain, trend_card

PAGE_ROWS = 100


def main() -> None:
    """Draw the page."""
    view = current_view()
    head = st.container()
    chosen = _choose(view)
    with head:
        titled("intent", intent=chosen)
    if chosen is None:
        return
    view = replace(view, now=_only(view.now, chosen), before=_only(view.before, chosen) if view.before else None)
    volume = loaders.metric("volume", view.now)
    if not volume["value"].sum():
        no_contacts()
        return
    recontact, fcr = (loaders.metric(name, view.now) for name in ("recontact_rate", "fcr"))
    cards.answer(sentences.intent(chosen, volume=volume, recontact=recontact, fcr=fcr))
    _standing(chosen)
    _cards(view, volume, recontact, fcr)
    _trend(view)
    forecast_card(chosen)
    _pictures(view)
    if who.may(Action.SEE_CONTACTS, intent=chosen):
        _contacts(view.now, int(volume["value"].sum()))
    else:
        st.caption(f"The contacts themselves: {who_may(Action.SEE_CONTACTS)} see them.")


def _choose(view: View) -> str | None:
    """The intent of the address, else the one of the shared filter, else the most frequent one."""
    names = loaders.dimension_values("intent")
    if not names:
        return None
    filtered = dict(view.now.where).get("intent", ())
    heaviest = loaders.pareto(view.now)["intent"]
    start = filtered[0] if len(filtered) == 1 else heaviest.iloc[0] if len(heaviest) else names[0]
    asked = st.query_params.get("about")
    if asked is not None and asked not in names:
        st.info("The link asked for an intent that this data does not have; another one is shown.")
    chosen = st.selectbox("Intent", names, index=names.index(str(start)), key="about", bind="query-params")
    return chosen if chosen in names else str(start)


def _standing(intent: str) -> None:
    """Who answers for it, and the weekly verdict against its target."""
    mart = loaders.mart()
    if mart is None:
        return
    decided = mart.decisions.by_intent.get(intent, IntentDecision(intent))
    judged = loaders.ask(verdicts, (("intent", (intent,)),))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(sentences.standing(decided, judged), width="content")
        if decided.owner is None or decided.fcr_target is None:
            st.page_link(page("settings").script, label="Decide it in Settings", icon=":material/tune:")


def _only(asked: Slice, intent: str) -> Slice:
    others = [(name, values) for name, values in asked.where if name != "intent"]
    return replace(asked, where=tuple(sorted([*others, ("intent", (intent,))])))


def _cards(view: View, volume: pd.DataFrame, recontact: pd.DataFrame, fcr: pd.DataFrame) -> None:
    before = view.before
    repeats = loaders.metric("repeat_share", view.now)
    customers = loaders.metric("contacts_per_customer", view.now)
    rates = {"Came back": recontact, "Solved first time": fcr, "Repeats": repeats}
    earlier = {
        name: loaders.metric(name, before) if before else None
        for name in ("volume", "recontact_rate", "fcr", "repeat_share")
    }
    cards.card_row(
        [
            cards.count_card("Contacts", volume, earlier["volume"]),
            cards.rate_card("Came back", recontact, earlier["recontact_rate"], better="lower"),
            cards.rate_card("Solved first time", fcr, earlier["fcr"], better="higher"),
            cards.rate_card("Repeats", repeats, earlier["repeat_share"], better="lower"),
            cards.ratio_card("Per customer", customers),
        ],
        caption=f"{sentences.card_notes(rates)}. {sentences.too_young(fcr)}",
    )


def _trend(view: View) -> None:
    grain = choose_grain(view)
    trend = loaders.trend(replace(view.now, grain=grain))
    compare = loaders.trend(replace(view.before, grain=grain)) if view.before is not None else None
    trend_card("Is it more than usual?", trend, grain=grain, compare=compare)


def _pictures(view: View) -> None:
    left, right = st.columns(2)
    with left:
        strip = loaders.fcr_by_window(view.now)
        cards.chart_card(
            "Solved at first contact, by window",
            caption="Share of first contacts not followed within 1, 3, 7, 14, 30 days · line = 95 % interval",
            figure=loaders.drawn(windows_chart.windows, strip),
            alt=windows_chart.alt(strip),
            data=strip,
            key="windows",
        )
    with right:
        spread = loaders.distribution(view.now)
        cards.chart_card(
            "How often does a customer ask?",
            caption="Customers by number of contacts about this intent in the period",
            figure=loaders.drawn(distribution_chart.distribution, spread),
            alt=distribution_chart.alt(spread),
            data=spread,
            key="distribution",
        )
    facts = loaders.facts()
    others = [name for name in (facts.dimensions if facts else ()) if name not in ("intent", "category")]
    if others:
        by = one_of("Where do customers come back?", others, usual=others[0], key="by")
        rates = loaders.metric("recontact_rate", replace(view.now, by=(by,)))
        within = sentences.within(sentences.window_of(loaders.metric("fcr", view.now)))
        cards.chart_card(
            f"Came back, by {by}",
            caption=f"Share followed {within} · line = 95 % interval · hollow = can't tell",
            figure=loaders.drawn(rates_chart.rates, rates, first="highest", by=by),
            alt=rates_chart.alt(rates, by=by),
            data=rates,
            key="rates",
        )


@st.fragment
def _contacts(asked: Slice, total: int) -> None:
    who.stay(contact_rows.visible(asked) is not None)
    shelf = st.expander(f"The contacts themselves ({count(total)})", key="contacts_open", on_change="rerun")
    if shelf.open:
        with shelf:
            _contacts_page(asked, total)


def _contacts_page(asked: Slice, total: int) -> None:
    pages = max(1, -(-total // PAGE_ROWS))
    number = 1
    if pages > 1:
        number = int(st.number_input(f"Page (of {pages})", 1, pages, key="contacts_page", width=160))
    contact_table(
        contact_rows.contacts(asked, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS),
        total=total,
        first=(number - 1) * PAGE_ROWS + 1,
        everything=contact_rows.contacts_csv(asked),
        zone=loaders.home().settings.timezone,
    )


main()

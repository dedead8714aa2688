"""My intents: what do my intents cost, do they meet their targets, and what is mine to do?"""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import targets as targets_chart
from cx_metrics.metrics.reasons.my_intents import Owner, heard_from, my_intents, owners
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.standing import days_before, usual_period
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.reports.phrases import of_100
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import DisputeState
from pages.shared import billing, cards, decided, loaders, my_sentences, who
from pages.shared import format as write
from pages.shared.act_now import my_reviews
from pages.shared.chargeback_sentences import month_name
from pages.shared.empty import empty_state
from pages.shared.follow_ups import follow_up_list
from pages.shared.frame import open_intent
from pages.shared.my_sentences import MyBill
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table, in_words
from pages.shared.text import amount, plain


def main() -> None:
    """Draw the page."""
    st.title(page("my_intents").title)
    mart = loaders.mart()
    known = owners(mart.decisions if mart else decided.present())
    if mart is None or not known or not mart.facts.contacts:
        _nobody(has_owners=bool(known))
        return
    owner = _who(known)
    now = usual_period(mart.facts)
    every = loaders.ask(my_intents, now, days_before(mart.facts, now))
    mine = every[every["owner_key"] == owner.key].reset_index(drop=True)
    heard = _heard(owner, now)
    bills = _bills(mart, owner)
    cards.answer(my_sentences.answer(owner, mine, bills))
    _cards(mine, bills, heard)
    _targets(owner)
    my_reviews(owner.intents)
    _table(mine, now, mart.decisions.currency)
    _open_items(owner, mine, now)
    _thin(mine)
    _assumed(mine, mart.decisions.currency)


def _nobody(*, has_owners: bool) -> None:
    if has_owners:
        empty_state(
            ":material/inbox:",
            "There are no contacts yet",
            "Load an extract, and this page tells owners what their intents cost and how they do.",
            link=(page("upload").script, "Load an extract"),
        )
        return
    empty_state(
        ":material/person_off:",
        "Nobody owns an intent yet",
        "Give each intent an owner who answers for it: this page is theirs then.",
        link=(page("settings").script, "Name owners in Settings"),
    )


def _who(known: tuple[Owner, ...]) -> Owner:
    """The owner chosen; at first the one who is looking, where that is an owner."""
    names = [owner.name for owner in known]
    labels = [o.name if names.count(o.name) == 1 else f"{o.name} ({o.email or 'no e-mail'})" for o in known]
    actor = who.person().email.casefold()
    usual = next((at for at, owner in enumerate(known) if owner.email and owner.email.casefold() == actor), 0)
    chosen = st.selectbox("Owner", labels, index=usual, key="owner", bind="query-params", width=320)
    return known[labels.index(chosen) if chosen in labels else usual]


def _heard(owner: Owner, now: Slice) -> pd.DataFrame | None:
    """Survey reach of the owner's intents; None where the data has none of them."""
    there = _in_data(owner)
    return loaders.ask(heard_from, now, there) if there else None


def _in_data(owner: Owner) -> tuple[str, ...]:
    names = set(loaders.dimension_values("intent"))
    return tuple(intent for intent in owner.intents if intent in names)


def _bills(mart: Mart, owner: Owner) -> list[MyBill]:
    """The owner's part of the newest month, and of the last one known in full where that is another."""
    months = billing.months(mart.facts)
    full = months[billing.usual_month(mart.facts)]
    told = dict.fromkeys((months[0], full))
    return [
        my_sentences.my_bill(billing.bill(month).shown, owner, is_whole=month == full and month != months[0])
        for month in told
    ]


def _cards(mine: pd.DataFrame, bills: list[MyBill], heard: pd.DataFrame | None) -> None:
    value = None if heard is None else heard["value"].iloc[0]
    said = partial(my_sentences.n_said, mine)
    shown = [
        cards.Card(bill.when, amount(write.money_compact(bill.amount, bill.currency)), _of_the_bill(bill))
        for bill in bills
    ]
    shown += [
        cards.Card("Targets", f"{write.count(said('met'))} met", f"{write.count(said('missed'))} missed"),
        cards.Card("Moved beyond chance", my_sentences.moved(mine)),
        cards.Card("We heard from", of_100(float(value)) if write.is_known(value) else write.UNKNOWN),
    ]
    cards.card_row(shown, caption=my_sentences.notes(bills, mine, heard))


def _of_the_bill(bill: MyBill) -> str | None:
    return f"{write.percent(bill.share)} of the bill" if write.is_known(bill.share) else None


def _targets(owner: Owner) -> None:
    there = _in_data(owner)
    if not there:
        return
    judged = loaders.ask(verdicts, (("intent", there),))
    cards.chart_card(
        "Are my targets met?",
        "Share of issues solved at the first contact, within the intent's own window · line = 95 % interval · "
        "diamond = target · hollow = can't tell yet",
        loaders.drawn(targets_chart.targets, judged),
        alt=targets_chart.alt(judged),
        data=judged,
        key="verdicts",
    )


def _table(mine: pd.DataFrame, now: Slice, currency: str) -> None:
    st.subheader("My intents", anchor=False)
    days = write.day_span(now.from_on, now.to_on) if now.from_on and now.to_on else ""
    st.caption(f"{days}, against the days before. Verdicts are judged once a week. Select a row to open the intent.")
    words = mine.assign(beyond=in_words(mine["beyond"]))
    chosen = data_table(words, _columns(currency), alt="My intents", key="my_intents", select=True)
    csv_button(mine, key="my_intents")
    if chosen is not None:
        open_intent(str(mine["intent"].iloc[chosen]))


def _columns(currency: str) -> tuple[Column, ...]:
    show = partial(write.money, currency=currency)
    return (
        Column("intent", "Intent", pinned=True),
        Column("verdict", "Verdict", help="Judged once a week; too close, too few or too early: can't be told yet"),
        Column("value", "Solved first time", write.percent, help="In the four weeks that the verdict rests on"),
        Column("target", "Target", write.percent),
        Column("cost", "Cost", show),
        Column("cost_share", "Share", partial(write.percent, digits=1), help="Of the cost of all intents"),
        Column("cost_change", "Change", partial(show, signed=True), help="Of the cost, against the days before"),
        Column("kept", "Hours kept", write.percent, help="Share solved within the hours that customers are told"),
        Column("contacts", "Contacts", write.count),
        Column("beyond", "Is it chance?", help="Whether contacts changed by more than chance lets expect"),
        Column("weekly", "Last weeks", line=True, help="Contacts in each of the last full weeks, from Monday"),
    )


def _open_items(owner: Owner, mine: pd.DataFrame, now: Slice) -> None:
    """Targets missed, lines disputed, and customers who wait to be called."""
    st.subheader("My open items", anchor=False)
    items = [my_sentences.missed(row) for _, row in mine[mine["verdict"] == "missed"].iterrows()]
    items += [
        f"The bill of {month_name(row.month)} for *{plain(row.intent)}* is disputed: {plain(row.reason)}"
        for row in billing.disputes()
        if row.state == DisputeState.OPEN and row.intent in owner.intents
    ]
    st.markdown("\n".join(f"- {item}" for item in items) or "No target is missed, and no line of a bill is disputed.")
    there = _in_data(owner)
    if there:
        asked = Slice(from_on=now.from_on, to_on=now.to_on, where=(("intent", there),))
        follow_up_list(asked)


def _thin(mine: pd.DataFrame) -> None:
    """Verdicts that can't be given yet, and what they wait for."""
    rows = mine[mine["verdict"].isin(my_sentences.OPEN_VERDICTS)]
    if rows.empty:
        return
    st.subheader("Too thin to judge", anchor=False)
    st.caption("How many more first contacts it takes in four weeks to tell the share solved from its target")
    data_table(rows, _THIN, alt="Verdicts that can't be given yet", key="thin")


_THIN = (
    Column("intent", "Intent", pinned=True),
    Column("verdict", "Verdict"),
    Column("value", "Solved first time", write.percent),
    Column("low", "at least", partial(write.percent, digits=1), help="Lower end of the 95 % interval"),
    Column("high", "at most", partial(write.percent, digits=1), help="Upper end of the 95 % interval"),
    Column("target", "Target", write.percent),
    Column("n", "First contacts", write.count),
    Column("n_more", "More needed", write.count, help="Until the interval has left the target; empty: not known"),
)


def _assumed(mine: pd.DataFrame, currency: str) -> None:
    """What is not measured about my intents."""
    st.subheader("What is assumed about my intents", anchor=False)
    words = mine.assign(window_decided=["decided" if is_own else "the usual one" for is_own in mine["window_decided"]])
    columns = (
        Column("intent", "Intent", pinned=True),
        Column("window", "Window, days", write.count, help="Within which another contact counts as a repeat"),
        Column("window_decided", "Window is"),
        Column("downstream_cost", "Downstream, each", partial(write.price, currency=currency), help=_DOWNSTREAM),
        Column("downstream_assumed_contacts", "with it assumed", write.count, help="Contacts that take the assumption"),
        Column(
            "downstream_unstated_contacts", "with none stated", write.count, help="Contacts that add nothing for it"
        ),
        Column("assumed_contacts", "with assumed minutes", write.count, help="Contacts without a known handle time"),
        Column("unpriced_contacts", "without a price", write.count, help="Contacts that no rate covers: in no sum"),
    )
    data_table(words, columns, alt="What is assumed about my intents", key="assumed")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Contacts of the same four weeks.", width="content")
        st.page_link(page("settings").script, label="Change it in Settings", icon=":material/tune:")


_DOWNSTREAM = "Assumed for what follows from a contact, where the data does not say it"

main()

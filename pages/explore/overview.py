"""Overview: what do contacts cost us, what changed, and what needs a decision?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from cx_metrics.charts import waterfall as waterfall_chart
from cx_metrics.metrics.costs.cost_frames import cost_change
from cx_metrics.metrics.reasons.attention import MOST
from cx_metrics.metrics.solved.standing import Standing, standing
from cx_metrics.reports.brief import Sentence, sentences
from pages.shared import attention_sentences, brief_sentences, cards, loaders, overview_cards
from pages.shared import format as write
from pages.shared.act_now import act_now
from pages.shared.flag import titled
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain
from pages.shared.view import View, usual_grain
from pages.shared.volume_cards import movers_card, trend_card

STAND_INS = {
    "Contacts": "volume",
    "Came back": "recontact_rate",
    "Repeats": "repeat_share",
    "Per customer": "contacts_per_customer",
}
"""Cards that stand in for those not known yet."""
MOST_ACTS = 3
"""So many clocks, and so many signals, are shown at most."""


def main() -> None:
    """Draw the page."""
    view = current_view()
    titled("overview")
    stands = loaders.ask(standing, view.now, view.before)
    if not stands.volume.now["value"].sum():
        no_contacts()
        return
    told = sentences(stands)
    cards.answer(brief_sentences.headline(told))
    _cards(view, stands)
    left, right = st.columns([3, 2])
    with left:
        _changes(view, stands)
        grain = usual_grain(view)
        trend_card("Is it more than usual?", loaders.trend(replace(view.now, grain=grain)), grain=grain)
    with right:
        _decisions(stands)
    _intents(stands)
    _in_words(told)


def _cards(view: View, stands: Standing) -> None:
    """Money, units, targets and surveys as far as they are known; else what contacts alone can say."""
    shown = overview_cards.known_cards(stands)
    missing = cards.MOST_CARDS - len(shown)
    cards.card_row([*_stand_ins(view, missing), *shown], caption=overview_cards.notes(stands))
    undecided = overview_cards.undecided(stands)
    if undecided:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(undecided, width="content")
            st.page_link(page("settings").script, label="Decide it in Settings", icon=":material/tune:")


def _stand_ins(view: View, n: int) -> list[cards.Card]:
    """At most so many cards that need neither decisions nor surveys."""
    made: list[cards.Card] = []
    for title, name in list(STAND_INS.items())[:n]:
        now = loaders.metric(name, view.now)
        before = loaders.metric(name, view.before) if view.before else None
        if name == "volume":
            made.append(cards.count_card(title, now, before))
        elif name == "contacts_per_customer":
            made.append(cards.ratio_card(title, now))
        else:
            made.append(cards.rate_card(title, now, before, better="lower"))
    return made


def _changes(view: View, stands: Standing) -> None:
    """What changed by intent: in money, or in contacts where no cost is known."""
    if view.before is None or not stands.intents["cost_change"].notna().any():
        movers_card("What changed, in contacts", view)
        return
    changes = loaders.ask(cost_change, view.now, view.before)
    cards.chart_card(
        "What changed, in money",
        "Cost against the comparison period, by intent · each bar starts where the one above ended",
        loaders.drawn(waterfall_chart.waterfall, changes, currency=stands.currency),
        alt=waterfall_chart.alt(changes, currency=stands.currency),
        data=changes,
        key="cost_change",
    )


def _decisions(stands: Standing) -> None:
    """What needs a decision: clocks of reviews, signals, then the intents with most at stake."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Needs a decision", anchor=False, width="content")
            csv_button(stands.attention, key="attention")
        shown = act_now(set(stands.intents["intent"]), most=MOST_ACTS)
        rest = stands.attention[~stands.attention["intent"].isin(shown)]
        nothing = rest.empty and not shown
        st.caption(attention_sentences.nothing(stands) if nothing else _LISTED)
        room = max(MOST - len(shown), 0)
        for at, row in rest.head(room).iterrows():
            with st.container(border=True, gap=None):
                if st.button(f"**{plain(row['intent'])}**", key=f"decide_{at}", type="tertiary"):
                    open_intent(str(row["intent"]))
                st.markdown(
                    f":orange[{attention_sentences.grounds(row, asked=stands.slice, currency=stands.currency)}]"
                )
                st.caption(attention_sentences.detail(row))
        if len(rest) > room:
            st.caption(f"{write.plural(len(rest) - room, 'more intent')} with less at stake: see the CSV.")


def _intents(stands: Standing) -> None:
    """All intents by what they cost; a selected row opens the intent."""
    table = stands.intents
    by_cost = bool(table["cost"].notna().any())
    st.subheader("Intents by cost" if by_cost else "Intents by contacts", anchor=False)
    st.caption("Select a row to open the intent.")
    if stands.has_owners:
        table = table.assign(owner=table["owner"].fillna("(unowned)"))
    chosen = data_table(table, _columns(stands.currency), alt="Intents by what they cost", key="by_cost", select=True)
    csv_button(stands.intents, key="intents_by_cost")
    if chosen is not None:
        open_intent(str(table["intent"].iloc[chosen]))


def _columns(currency: str) -> tuple[Column, ...]:
    show = partial(write.money, currency=currency)
    return (
        Column("intent", "Intent", pinned=True),
        Column("owner", "Owner"),
        Column("cost", "Cost", show, help="Handling and what follows from it, in the period"),
        Column("repeats", "Repeats", show, help="Part of the cost: contacts that follow another about the same thing"),
        Column("cost_change", "Change", partial(show, signed=True), help="Of the cost, against the comparison period"),
        Column("contacts", "Contacts", write.count),
        Column("weekly", "Last 26 weeks", line=True, help="Contacts in each of the last full weeks, from Monday"),
        Column("value", "Solved first time", write.percent, help=_SOLVED),
        Column("verdict", "Verdict", help="Judged once a week; too close, too few or too early: can't be told yet"),
    )


_LISTED = "Targets missed, intents that rise by more than chance, and those nobody owns · most at stake first"
_SOLVED = "In the four weeks that the verdict rests on, within the intent's own window"


def _in_words(told: tuple[Sentence, ...]) -> None:
    """The whole brief, and what can't be known."""
    st.subheader("In words", anchor=False)
    st.markdown(brief_sentences.rest(told))
    unknown = brief_sentences.not_known(told)
    if unknown:
        st.caption(f"What is not known, or rests on assumptions:\n{unknown}")


main()

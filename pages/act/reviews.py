"""Reviews: what is paused or under investigation, what is overdue, and which signals ask for a review?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from cx_metrics.reviews.clocks import clocks, overdue
from cx_metrics.reviews.signals import Signal
from cx_metrics.reviews.states import Review, Severity, State
from cx_metrics.reviews.tables import review_table
from cx_metrics.store.decided.statements import UNOWNED
from pages.shared import cards, loaders, reviewing
from pages.shared import format as write
from pages.shared import review_sentences as say
from pages.shared.act_now import asking
from pages.shared.choice import one_of
from pages.shared.empty import empty_state
from pages.shared.flag import flag_button, titled
from pages.shared.frame import open_review
from pages.shared.messages_note import undelivered_note
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table, stamps
from pages.shared.text import plain

MOST_SIGNALS = 5
MOST_CARDS = 12
_CARD_WIDTH = 220
EVERYBODY, MINE = "everybody's", "mine"
OPEN, CLOSED, ALL = "open", "closed", "all"


def main() -> None:
    """Draw the page."""
    titled("reviews")
    every, now = reviewing.every(), reviewing.now()
    signals = reviewing.signals()
    if not every and not signals:
        _nothing()
        return
    open_signals = asking(every)
    cards.answer(say.board(every, open_signals, now))
    _cards(every, len(open_signals), now)
    undelivered_note()
    _signals(signals, every)
    if not every:
        return
    chosen = _filters(every)
    _board([each for each in chosen if each.is_open], now)
    _list(chosen, now)


def _nothing() -> None:
    facts = loaders.facts()
    if facts is None or not facts.contacts:
        empty_state(
            ":material/inbox:",
            "There is no data yet",
            "Load an extract: signals then say which intents ask for a review.",
            link=(page("upload").script, "Load an extract"),
        )
        return
    empty_state(
        ":material/flag:",
        "Nothing was flagged yet, and no signal asks for it",
        "Flag an intent with the button above, here or on the page on which something looks wrong.",
    )


def _cards(every: Sequence[Review], n_asking: int, now: datetime) -> None:
    open_ones = [each for each in every if each.is_open]
    paused = sum(each.state == State.PAUSED for each in open_ones)
    verified = sum(each.state == State.VERIFIED for each in every)
    dismissed = sum(each.state == State.DISMISSED for each in every)
    cards.card_row(
        [
            cards.Card("Open reviews", write.count(len(open_ones))),
            cards.Card("Clocks overdue", write.count(len(overdue(every, now)))),
            cards.Card("Paused now", write.count(paused)),
            cards.Card("Verified", write.count(verified)),
            cards.Card("Signals", write.count(n_asking)),
        ],
        caption=f"{write.plural(len(every), 'review')} so far, {write.count(dismissed)} dismissed.",
    )


def _signals(signals: Sequence[Signal], every: Sequence[Review]) -> None:
    """What asks for a review, the loudest first, each with a way to flag it or to the review that runs."""
    st.subheader("Signals", anchor=False)
    st.caption(say.judged(reviewing.signal_states()))
    if not signals:
        st.caption("No intent stands out by more than chance lets expect.")
        return
    running = {each.intent: each for each in every if each.is_open}
    for at, signal in enumerate(signals[:MOST_SIGNALS]):
        _signal(signal, running.get(signal.intent or ""), key=str(at))
    if len(signals) > MOST_SIGNALS:
        with st.expander(write.plural(len(signals) - MOST_SIGNALS, "more signal")):
            for at, signal in enumerate(signals[MOST_SIGNALS:], start=MOST_SIGNALS):
                _signal(signal, running.get(signal.intent or ""), key=str(at))


def _signal(signal: Signal, running: Review | None, *, key: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            named = signal.intent or signal.category or "All intents together"
            st.markdown(f"**{plain(named)}** · :orange[{say.signal_title(signal)}]", width="content")
            if running is not None:
                label = f"Review {running.id}: {running.state}"
                if st.button(label, icon=say.STATE_ICONS[running.state], key=f"signal_review_{key}"):
                    open_review(running.id)
            elif signal.intent is not None:
                flag_button(signal.intent, key=f"signal_flag_{key}")
        owner = f" Owner {plain(signal.owner)}." if signal.owner else " Nobody owns it." if signal.intent else ""
        st.caption(say.signal_detail(signal) + owner)


def _filters(every: Sequence[Review]) -> list[Review]:
    """The reviews that the choices leave."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        whose = one_of("Whose", [EVERYBODY, MINE], usual=EVERYBODY, key="whose")
        which = one_of("Which", [OPEN, CLOSED, ALL], usual=ALL, key="which")
        owners = sorted({each.owner or UNOWNED for each in every}, key=str.casefold)
        owner = st.multiselect("Owner", owners, key="owners", bind="query-params", width=260, placeholder="Any")
        states = st.multiselect(
            "State", [str(state) for state in State], key="states", bind="query-params", width=260, placeholder="Any"
        )
    return [
        each
        for each in every
        if (whose == EVERYBODY or reviewing.is_mine(each))
        and (which == ALL or each.is_open == (which == OPEN))
        and (not owner or (each.owner or UNOWNED) in owner)
        and (not states or each.state in states)
    ]


def _board(open_ones: Sequence[Review], now: datetime) -> None:
    """One column for each state that has reviews, those with the clock nearest or most overdue on top."""
    st.subheader("Board", anchor=False)
    if not open_ones:
        st.caption("No open review with these filters.")
        return
    due = sorted(open_ones, key=lambda each: min((c.due_at for c in clocks(each)), default=datetime.max))
    there = [state for state in State if any(each.state == state for each in due)]
    with st.grid(len(there), min_column_width=_CARD_WIDTH):
        for state in there:
            with st.container(gap="small"):
                column = [each for each in due if each.state == state]
                st.markdown(f"{say.STATE_ICONS[state]} **{str(state).capitalize()}** · {write.count(len(column))}")
                for each in column[:MOST_CARDS]:
                    _card(each, now)
                if len(column) > MOST_CARDS:
                    st.caption(f"{write.count(len(column) - MOST_CARDS)} more: see the list below.")


def _card(each: Review, now: datetime) -> None:
    with st.container(border=True, gap=None):
        if st.button(f"**{plain(each.intent)}**", key=f"open_{each.id}", type="tertiary"):
            open_review(each.id)
        due = say.next_due(each, now)
        if due:
            st.markdown(due)
        stops = f"Pause: {plain(each.paused_what)}" if each.severity == Severity.PAUSE else "Notify only"
        st.caption(f"{stops} · {say.owner(each)}")


def _list(chosen: Sequence[Review], now: datetime) -> None:
    """Every review in a table, overdue clocks first; a selected row opens it."""
    st.subheader("List", anchor=False)
    if not chosen:
        st.caption("No review with these filters.")
        return
    st.caption("Clocks that run out next come first. Select a row to open the review.")
    frame = review_table(chosen, now)
    zone = loaders.home().settings.zone
    words = frame.assign(
        due=stamps(frame["due_at"], zone),
        flagged=stamps(frame["flagged_at"], zone),
        owner=frame["owner"].fillna(UNOWNED),
    )
    picked = data_table(words, _COLUMNS, alt="Reviews, the next clock first", key="reviews", select=True)
    csv_button(frame, key="reviews")
    if picked is not None:
        open_review(int(frame["review"].iloc[picked]))


_COLUMNS = (
    Column("review", "No.", write.count, pinned=True),
    Column("intent", "Intent", pinned=True),
    Column("state", "State"),
    Column("severity", "Severity"),
    Column("owner", "Owner"),
    Column("clock", "Next clock"),
    Column("due", "Due"),
    Column("overdue_hours", "Overdue", write.duration, help="How long the clock has run out"),
    Column("paused_what", "What is paused"),
    Column("flagged", "Flagged"),
    Column("flagged_by", "By"),
    Column("fixed_on", "Fixed on"),
)

main()

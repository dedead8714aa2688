"""The causes of a review: its fishbone, each cause to be changed, what the data offers, and what people say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.charts import fishbone as fishbone_chart
from cx_metrics.errors import CxError
from cx_metrics.reviews.candidates import candidates, why_thin
from cx_metrics.reviews.causes import BONES, MOST_WHYS, Cause, CauseState, cause_frame
from cx_metrics.reviews.states import Review
from cx_metrics.reviews.voices import Voice
from cx_metrics.store.decided.words import MOST_CHARACTERS
from cx_metrics.store.people.access import Action
from pages.shared import cards, loaders, naming, who
from pages.shared import format as write
from pages.shared.choice import one_of
from pages.shared.frame import show_error
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain

PICTURE, LIST = "fishbone", "list"


def causes_panel(review: Review, *, controls: bool = True) -> None:
    """The fishbone of a review, with everything that can be done to it while the review is open.

    Args:
        review: Whose.
        controls: Whether things can be clicked: not on paper.
    """
    st.subheader("Causes", anchor=False)
    found = naming.causes(review.id)
    can_change = controls and review.is_open and who.may(Action.STEP, intent=review.intent)
    _picture(review, found, controls=controls)
    if can_change:
        with st.container(horizontal=True):
            with st.popover("Add a cause", icon=":material/add:", key=f"open_cause_{_n('causes_added')}"):
                _fields(review, None)
            with st.popover(
                "Attach what somebody says", icon=":material/record_voice_over:", key=f"open_voice_{_n('voices_added')}"
            ):
                _voice_form(review, found)
    for each in found:
        _cause(review, each, can_change=can_change)
    _voices(review, found)
    if can_change:
        _candidates(review)


def _picture(review: Review, found: Sequence[Cause], *, controls: bool) -> None:
    frame = cause_frame(found)
    usual = LIST if "Mobi" in st.context.headers.get("User-Agent", "") else PICTURE
    shape = one_of("Drawn as", [PICTURE, LIST], usual=usual, key="bones", linked=False) if controls else PICTURE
    draw = fishbone_chart.fishbone if shape == PICTURE else fishbone_chart.fishbone_list
    cards.chart_card(
        "What may have led to it?",
        "Filled = confirmed · hollow = suspected · struck through = ruled out · number = contacts it is about",
        draw(frame, effect=review.intent, bones=BONES),
        alt=fishbone_chart.fishbone_alt(frame, effect=review.intent),
        data=frame,
        key="fishbone",
    )


def _cause(review: Review, each: Cause, *, can_change: bool) -> None:
    """One cause in words: how sure, how many contacts, and the whys below it."""
    counted = f" · {write.plural(each.contacts, 'contact')}" if each.contacts is not None else ""
    shown = f" · {write.count(len(each.contact_ids))} named as evidence" if each.contact_ids else ""
    origin = "" if each.origin == "by hand" else f" · from the data ({each.origin}): an association, not a cause"
    head = f"**{plain(each.bone)}**: {plain(each.text)} · *{each.state}*{counted}{shown}"
    whys = "\n".join(f"{at}. Why? {plain(why)}" for at, why in enumerate(each.whys, start=1))
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(head, width="stretch")
            if can_change:
                with st.popover("Change", icon=":material/edit:", key=f"open_cause_{each.id}_{each.version}"):
                    _fields(review, each)
        if whys:
            st.markdown(whys)
        st.caption(f"Noted by {plain(each.added_by)}{origin}")


def _fields(review: Review, each: Cause | None) -> None:
    """The fields of a new cause, or of one that is there."""
    key = f"cause_{each.id}_{each.version}" if each else f"cause_new_{_n('causes_added')}"
    bones = list(dict.fromkeys([*BONES, each.bone])) if each else list(BONES)
    with st.form(key, border=False):
        bone = st.selectbox(
            "Bone", bones, index=bones.index(each.bone) if each else 0, accept_new_options=True, key=f"{key}_bone"
        )
        text = st.text_input("Cause", each.text if each else "", max_chars=MOST_CHARACTERS, key=f"{key}_text")
        states = [str(state) for state in CauseState]
        state = st.radio(
            "How sure?", states, index=states.index(each.state) if each else 0, horizontal=True, key=f"{key}_state"
        )
        n = st.number_input(
            "Contacts (empty: not counted)", 0, None, each.contacts if each else None, step=1, key=f"{key}_n"
        )
        whys = st.text_area(
            f"Why? And why that? One line each, at most {MOST_WHYS}",
            "\n".join(each.whys) if each else "",
            key=f"{key}_whys",
        )
        ids = st.text_area(
            "Contacts that show it: one line each, as in source, contact id",
            "\n".join(", ".join(pair) for pair in each.contact_ids) if each else "",
            key=f"{key}_ids",
        )
        if not st.form_submit_button("Save" if each else "Add", type="primary"):
            return
        given: dict[str, Any] = {
            "bone": str(bone or ""),
            "text": text,
            "state": str(state),
            "contacts": n,
            "whys": whys.splitlines(),
        }
        try:
            naming.save(review.id, each, ids=ids, **given)
        except CxError as error:
            show_error(error)
        else:
            st.session_state["causes_added"] = _n("causes_added") + 1
            st.rerun()


def _n(name: str) -> int:
    """How many were added: forms are keyed by it, so that the next one is empty and closed."""
    return int(st.session_state.get(name, 0))


def _voice_form(review: Review, found: Sequence[Cause]) -> None:
    key = f"voice_{_n('voices_added')}"
    with st.form(key, border=False):
        voice = st.radio("Who says it?", [str(each) for each in Voice], horizontal=True, key=f"{key}_who")
        said = st.text_area("What?", max_chars=MOST_CHARACTERS, key=f"{key}_said")
        labels = {0: "the review as a whole", **{each.id: each.text for each in found}}
        about = st.selectbox("About", list(labels), format_func=labels.__getitem__, key=f"{key}_about")
        where = st.text_input("In which contact? (source, contact id; may be empty)", key=f"{key}_where")
        if not st.form_submit_button("Attach", type="primary"):
            return
        try:
            naming.attach(review.id, voice=str(voice), said=said, cause_id=about or None, where=where)
        except CxError as error:
            show_error(error)
        else:
            st.session_state["voices_added"] = _n("voices_added") + 1
            st.rerun()


def _voices(review: Review, found: Sequence[Cause]) -> None:
    """What agents and customers say, each in its own words."""
    said = naming.voices(review.id)
    texts = {each.id: each.text for each in found}
    for each in said:
        about = f" · about: {plain(texts[each.cause_id])}" if each.cause_id in texts else ""
        where = f" · contact {plain(each.contact_id)}" if each.contact_id else ""
        st.markdown(f"> {plain(each.said)}")
        who = "An agent" if each.voice == Voice.AGENT else "A customer"
        st.caption(f"{who}{where}{about} · attached by {plain(each.actor)}")


def _candidates(review: Review) -> None:
    """What the data offers, to be taken as a suspected cause."""
    asked = naming.periods(review)
    with st.expander("What the data offers", key="candidates_open", on_change="rerun") as shelf:
        if not shelf.open or asked is None:
            return
        now, before = asked
        assert now.from_on is not None
        assert now.to_on is not None
        frame = loaders.ask(candidates, review.intent, now, before)
        days = write.day_span(now.from_on, now.to_on)
        st.caption(
            f"What goes with customers coming back in {days}, and what changed against as many days before. "
            "Each is an association, not a cause: find out before you believe it."
        )
        thin = loaders.ask(why_thin, review.intent, now, before)
        for reason in thin:
            st.caption(f":material/info: {plain(reason)}")
        if frame.empty and thin:
            return
        if frame.empty:
            st.caption("Nothing stands out: what there is concerns all products, channels, segments and teams alike.")
            return
        chosen = data_table(frame, _OFFERED, alt="What the data offers as causes", key="candidates", select=True)
        with st.container(horizontal=True):
            _take(review, None if chosen is None else frame.iloc[chosen])
            csv_button(frame, key="candidates")


def _take(review: Review, row: pd.Series | None) -> None:
    label = "Suspect it (choose a row first)" if row is None else f"Suspect {plain(row['level'])}"
    bone = st.selectbox("Bone", BONES, index=BONES.index("product"), key="candidate_bone", width=180)
    if st.button(label, disabled=row is None, icon=":material/add:", key="take_candidate"):
        assert row is not None
        try:
            naming.suspect(review.id, row, bone=str(bone))
        except CxError as error:
            show_error(error)
        else:
            st.rerun()


_OFFERED = (
    Column("attribute", "Attribute"),
    Column("level", "Which", pinned=True),
    Column("points", "Adds", lambda value: write.points(value, 1), help="To the share of customers who come back"),
    Column("low", "from", lambda value: write.points(value, 1), help="Lower end of the 95 % interval"),
    Column("high", "to", lambda value: write.points(value, 1), help="Upper end"),
    Column("contacts", "First contacts", write.count),
    Column("kind", "Kind", help="association: in one model · rate: rose more than elsewhere · mix: there is more"),
    Column("sentence", "In words"),
)

"""Review: what happened to one intent, what is done about it, and did it help?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.reports.review import review_text
from cx_metrics.reviews.states import Review, Step
from cx_metrics.reviews.tables import step_table
from pages.act.causes_panel import causes_panel
from pages.act.effect_panel import effect_panel
from pages.act.evidence_panel import evidence_panel, present_numbers
from pages.act.step_panel import step_panel
from pages.shared import cards, loaders, naming, reviewing
from pages.shared import format as write
from pages.shared import review_sentences as say
from pages.shared.empty import empty_state
from pages.shared.frame import open_intent, show_error
from pages.shared.messages_note import messages_of
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table, paper_table, stamps
from pages.shared.text import amount, plain
from pages.shared.view import is_print


def main() -> None:
    """Draw the page."""
    every = reviewing.every()
    if not every:
        st.title(page("review").title)
        empty_state(
            ":material/flag:",
            "There is no review yet",
            "Flag an intent: on Overview, Intents, Intent, Cost, First contact resolution or Survey coverage.",
            link=(page("reviews").script, "See what asks for one"),
        )
        return
    printed = is_print(st.query_params.get("print"))
    number = _choose(every, printed=printed)
    try:
        found, history, kept, told = reviewing.one(number)
    except CxError as error:
        show_error(error)
        return
    now = reviewing.now()
    cards.answer(say.review(found, now))
    _facts(found)
    if not printed:
        step_panel(found)
    evidence_panel(found, kept, controls=not printed)
    causes_panel(found, controls=not printed)
    effect_panel(found, controls=not printed)
    _history(history, controls=not printed)
    messages_of(told, controls=not printed)
    if not printed:
        _paper(found)


def _choose(every: tuple[Review, ...], *, printed: bool) -> int:
    """The review of the address, else the newest; the address follows the choice."""
    asked = st.query_params.get("review", "")
    numbers = [each.id for each in every]
    chosen = int(asked) if asked.isdecimal() and int(asked) in numbers else numbers[0]
    if printed:
        st.title(f"Review {chosen}")
        return chosen
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.title(page("review").title, width="content")
        labels = {each.id: f"{each.id} · {each.intent}" for each in every}
        # Keyed by what the address asks for, so that a link decides and not an earlier choice.
        picked = st.selectbox(
            "Review",
            numbers,
            index=numbers.index(chosen),
            format_func=labels.__getitem__,
            key=f"which_{chosen}",
            width=380,
        )
    if asked and str(chosen) != asked:
        st.info("The link asked for a review that there is not; the newest one is shown.")
    if picked != chosen:
        st.query_params["review"] = str(picked)
        st.rerun()
    return chosen


def _facts(found: Review) -> None:
    """What is paused and why, who answers, and by when."""
    zone = loaders.home().settings.zone
    lines = [
        f"**Why** {plain(found.reason)}",
        f"**Paused** {plain(found.paused_what)}" if found.paused_what else "**Paused** nothing: notify only",
        f"**Over when** {plain(found.resume_when)}" if found.resume_when else "**Over when** not said",
    ]
    signal = found.signal
    if signal and signal.get("sentence") and signal["sentence"] != found.reason:
        lines.insert(1, f"**Signal** {amount(plain(signal['sentence']))}")
    with st.container(border=True):
        st.markdown("  \n".join(lines))
        at, by = write.stamp(found.flagged_at, zone), plain(found.flagged_by)
        first, last = (write.stamp(at, zone) for at in (found.acknowledge_by, found.decide_by))
        due = f"acknowledge by {first}, decide by {last}"
        fixed = f" · fixed on {write.day(found.fixed_on)}" if found.fixed_on else ""
        st.caption(f"{say.owner(found)} · flagged by {by} at {at} · {due}{fixed} · times in {plain(zone.key)}")


def _history(history: tuple[Step, ...], *, controls: bool) -> None:
    st.subheader("History", anchor=False)
    st.caption("Every step with who, when and why; it can't be edited.")
    frame, zone = step_table(history), loaders.home().settings.zone
    words = frame.assign(at=stamps(frame["at"], zone))
    if not controls:
        paper_table(words, _STEPS)
        return
    data_table(words, _STEPS, alt="Steps of the review, the flag first", key="history")
    csv_button(frame, key="history")


_STEPS = (
    Column("at", "When", pinned=True),
    Column("state", "State"),
    Column("by", "By"),
    Column("note", "Note"),
    Column("fixed_on", "Fixed on"),
)


def _paper(found: Review) -> None:
    """Ways to take the review along: a page to print, and a text."""
    with st.container(horizontal=True):
        st.page_link(
            page("review").script,
            label="Print view",
            icon=":material/print:",
            query_params={"review": str(found.id), "print": "1"},
        )
        st.download_button(
            "As text",
            lambda: _document(found.id),
            file_name=f"review-{found.id}.txt",
            mime="text/plain",
            icon=":material/description:",
            type="tertiary",
            on_click="ignore",
            key="review_text",
        )
        if st.button("Open the intent", icon=":material/search_insights:", type="tertiary", key="review_intent"):
            open_intent(found.intent)


def _document(number: int) -> str:
    found, history, kept, _ = reviewing.one(number)
    return review_text(
        found,
        history=history,
        kept=kept,
        present=present_numbers(found.intent),
        causes=[(each.bone, each.text, str(each.state)) for each in naming.causes(number)],
        verdicts=reviewing.verdicts(number),
        zone=loaders.home().settings.zone,
    )


main()

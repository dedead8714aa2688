"""First contact resolution: is it really solved, which intents miss their target, and what can't be told yet?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import claims as claims_chart
from cx_metrics.charts import control as control_chart
from cx_metrics.charts import rates as rates_chart
from cx_metrics.charts import strip as strip_chart
from cx_metrics.charts import targets as targets_chart
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.claims import claims, overclaims
from cx_metrics.metrics.solved.fcr_weeks import fcr_strip, fcr_weeks
from cx_metrics.metrics.solved.verdicts import verdicts
from pages.shared import cards, loaders
from pages.shared import format as write
from pages.shared import resolution_sentences as say
from pages.shared.empty import empty_state
from pages.shared.flag import titled
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain
from pages.shared.view import View

MOST_CLAIMS = 8
ALL = "All intents"
COLUMNS = (
    Column("intent", "Intent", pinned=True),
    Column("said", "Verdict"),
    Column("value", "Solved first time", partial(write.percent, digits=1)),
    Column("interval", "Likely"),
    Column("target", "Target", write.percent),
    Column("n", "First contacts", write.count, help="Issues of the verdict weeks that are old enough to know"),
    Column("followed", "Came back", write.count),
    Column("window", "Window, days", write.count),
    Column("owner", "Owner"),
)


def main() -> None:
    """Draw the page."""
    view = current_view()
    titled("resolution")
    volume = loaders.metric("volume", view.now)
    total = int(volume["value"].sum())
    if not total:
        no_contacts()
        return
    fcr = loaders.metric("fcr", view.now)
    if fcr["no_customer_id"].iloc[0] == total:
        _nobody_known()
        return
    judged = loaders.ask(verdicts, view.now.where)
    cards.answer(say.answer(judged, fcr))
    _cards(view, fcr, judged, total)
    _targets(judged)
    left, right = st.columns(2)
    with left:
        _claims(view)
    with right:
        _process(view, judged)
        _strip(view)
    _teams(view)
    _table(judged)


def _nobody_known() -> None:
    cards.answer("Whether it was solved at the first contact **can't be known: these contacts have no customer ids**.")
    empty_state(
        ":material/person_off:",
        "Nobody can be recognised when they come back",
        "A repeat is another contact of the same customer. Map a column to the customer id, or remove a filter above.",
        link=(page("upload").script, "Go to Upload"),
    )


def _cards(view: View, fcr: pd.DataFrame, judged: pd.DataFrame, total: int) -> None:
    row, counts = fcr.iloc[0], say.tally(judged)
    before = loaders.metric("fcr", view.before) if view.before else None
    said = " · ".join(write.count(counts[name]) for name in ("missed", "met", "can't tell"))
    cards.card_row(
        [
            cards.rate_card("Solved first time", fcr, before, better="higher"),
            cards.Card("Missed · met · unclear", said),
            cards.Card("Marked solved", write.percent(row["claimed"])),
            cards.Card("Too young to know", write.count(row["immature"])),
            cards.Card("Without customer id", write.percent(row["no_customer_id"] / total, 1)),
        ],
        caption=say.left_out(fcr),
    )


def _targets(judged: pd.DataFrame) -> None:
    if judged["target"].isna().all():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown("Targets are decided per intent. Until then, this page shows what is observed.")
            st.page_link(page("settings").script, label="Set targets", icon=":material/tune:")
    drawn = min(len(judged), targets_chart.MOST)
    cut = f" · the first {drawn} of {len(judged)}" if drawn < len(judged) else ""
    cards.chart_card(
        "Every intent against its target",
        "Share of issues with no further contact of the same customer about the same intent within the intent's "
        f"window · line = 95 % interval · diamond = target · hollow = can't tell yet · {say.judged_on(judged)}{cut}",
        loaders.drawn(targets_chart.targets, judged),
        alt=targets_chart.alt(judged),
        data=judged,
        key="verdicts",
    )


def _claims(view: View) -> None:
    frame = loaders.ask(claims, replace(view.now, by=("intent",)))
    shown = min(MOST_CLAIMS, len(frame))
    cards.chart_card(
        "Claimed, observed, confirmed",
        "Agents say solved · the customer stayed away · the customer says solved (from 10 answers) · line = honest "
        f"range of what is really solved · the {shown} intents that claim most above what is observed",
        loaders.drawn(claims_chart.claims, frame, most=MOST_CLAIMS),
        alt=claims_chart.alt(frame),
        data=frame,
        key="claims",
    )


def _process(view: View, judged: pd.DataFrame) -> None:
    names = [ALL, *judged["intent"].astype(str)]
    asked = st.query_params.get("process")
    start = 1 if len(names) > 1 and judged["verdict"].iloc[0] == "missed" else 0
    if asked is not None and asked not in names:
        st.info("The link asked for an intent that this data does not have; another one is shown.")
    chosen = st.selectbox("Intent to follow week by week", names, index=start, key="process", bind="query-params")
    weeks = loaders.ask(fcr_weeks, _only(view.now, chosen if chosen in names else names[start]))
    cards.chart_card(
        "Is the process stable?",
        "Weekly share solved first time · pale = where the usual week-to-week spread lets it lie (Laney p′, learnt "
        "from the weeks before the period) · triangle = out of the ordinary · hatched = too young",
        loaders.drawn(control_chart.control, weeks),
        alt=control_chart.alt(weeks),
        data=weeks,
        key="fcr_weeks",
    )


def _only(asked: Slice, intent: str) -> Slice:
    if intent == ALL:
        return asked
    others = [(name, values) for name, values in asked.where if name != "intent"]
    return replace(asked, where=tuple(sorted([*others, ("intent", (intent,))])))


def _strip(view: View) -> None:
    frame = loaders.ask(fcr_strip, view.now)
    cards.chart_card(
        "Does the answer depend on the window?",
        "Solved at first contact for windows of 1 to 30 days · same intent, and no contact about anything · line = "
        "95 % interval",
        loaders.drawn(strip_chart.strip, frame),
        alt=strip_chart.alt(frame),
        data=frame,
        key="strip",
    )


def _teams(view: View) -> None:
    facts = loaders.facts()
    title = "Whose solved contacts come back?"
    if facts is None or "team" not in facts.dimensions:
        cards.missing_card(title, "This data names no teams.")
        return
    frame = loaders.ask(overclaims, replace(view.now, by=("team",)))
    cards.chart_card(
        title,
        "Of the first contacts marked solved, the share that was followed within the window, by team · line = 95 % "
        "interval · small teams are pulled towards the mean, so that chance ranks nobody",
        loaders.drawn(rates_chart.rates, frame, first="highest", by="team"),
        alt=rates_chart.alt(frame, by="team"),
        data=frame,
        key="overclaims",
    )


def _table(judged: pd.DataFrame) -> None:
    st.subheader("Every verdict")
    st.caption("Missed first, most customers short of the target on top. Select a row to open the intent.")
    table = say.table(judged)
    chosen = data_table(table, COLUMNS, alt="Intents with verdict, share and target", key="verdicts_table", select=True)
    csv_button(judged, key="verdicts_table")
    st.caption(
        f"{say.chance(judged)}A verdict rests on the intent as a whole within the filters above and changes on Mondays "
        "only. Quiet is not solved: who gave up or left can't be seen here, only asked. "
        f"What each number means stands in {plain(page('methods').title)}."
    )
    if chosen is not None:
        open_intent(str(judged["intent"].iloc[chosen]))


main()

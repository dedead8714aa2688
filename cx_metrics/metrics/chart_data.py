"""The data of every chart and table of the pages by name, for the command line to print the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.metrics.costs import cost_frames, cpx
from cx_metrics.metrics.costs.intents_by_cost import intents_by_cost
from cx_metrics.metrics.costs.what_if import what_if_dearest
from cx_metrics.metrics.heard import feedback, survey_doubt, survey_reach
from cx_metrics.metrics.prevented.alerts import alert_effects, alert_events, alerts
from cx_metrics.metrics.prevented.channel_fit import channel_fit, channel_moves
from cx_metrics.metrics.prevented.self_help import self_help
from cx_metrics.metrics.reasons.attention import attention
from cx_metrics.metrics.reasons.movers import intent_table, movers, pareto
from cx_metrics.metrics.reasons.my_intents import my_intents
from cx_metrics.metrics.reasons.ownership import ownership
from cx_metrics.metrics.reasons.priorities import QUADRANTS, in_quadrant, priorities
from cx_metrics.metrics.reasons.taxonomy import taxonomy
from cx_metrics.metrics.reasons.trend import trend
from cx_metrics.metrics.returning.came_back import issues_came_back
from cx_metrics.metrics.returning.chains import longest_chains, returners
from cx_metrics.metrics.returning.cohorts import cohorts
from cx_metrics.metrics.returning.concentration import concentration
from cx_metrics.metrics.returning.curves import cohort_change, half_times, repeat_curves
from cx_metrics.metrics.returning.customers import contacts_distribution
from cx_metrics.metrics.returning.repeat_drivers import driver_effects, split_levels
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.metrics.solved.claims import claims, overclaims
from cx_metrics.metrics.solved.expectations import hours, kept_weeks, urgent_hours
from cx_metrics.metrics.solved.fcr_weeks import fcr_strip, fcr_weeks
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.store.marts.mart import Mart


def fcr_by_window(mart: Mart, slice: Slice) -> pd.DataFrame:
    """First contact resolution for each window of 1 to 30 days: the rows of the metric, with the window last."""
    return pd.concat([fcr(mart, replace(slice, window=days)) for days in WINDOWS], ignore_index=True)


CHARTS: dict[str, Callable[[Mart, Slice], pd.DataFrame]] = {
    "trend": trend,
    "pareto": pareto,
    "movers": lambda mart, slice: movers(mart, slice, slice.previous()),
    "intents": lambda mart, slice: intent_table(mart, slice, slice.previous()),
    "windows": fcr_by_window,
    "distribution": contacts_distribution,
    "costs": cost_frames.cost_table,
    "cost_by_intent": cost_frames.cost_table,
    "cost_change": lambda mart, slice: cost_frames.cost_change(mart, slice, slice.previous()),
    "cost_by_category": cost_frames.cost_by_category,
    "cost_by_channel": cost_frames.cost_by_channel,
    "cost_over_time": cost_frames.cost_over_time,
    "cost_pareto": cost_frames.cost_pareto,
    "cpx_over_time": cpx.cpx_over_time,
    "cpx_split": lambda mart, slice: cpx.cpx_split(mart, slice, slice.previous()),
    "what_if": what_if_dearest,
    "verdicts": lambda mart, slice: verdicts(mart, slice.where),
    "claims": lambda mart, slice: claims(mart, replace(slice, by=("intent",))),
    "overclaims": lambda mart, slice: overclaims(mart, replace(slice, by=("team",))),
    "fcr_weeks": fcr_weeks,
    "strip": fcr_strip,
    "hours": hours,
    "kept_weeks": kept_weeks,
    "urgent": urgent_hours,
    "ladder": survey_reach.ladder,
    "answerers": survey_reach.answerers,
    "answer_map": survey_reach.answer_map,
    "response_weeks": survey_reach.response_weeks,
    "csat_by_intent": survey_doubt.csat_by_intent,
    "feedback": feedback.feedback,
    "solved_and_felt": feedback.solved_and_felt,
    "priorities": priorities,
    **{quadrant.name: partial(in_quadrant, name=quadrant.name) for quadrant in QUADRANTS},
    "taxonomy": taxonomy,
    "attention": lambda mart, slice: attention(mart, slice, slice.previous()),
    "intents_by_cost": lambda mart, slice: intents_by_cost(mart, slice, slice.previous()),
    "my_intents": lambda mart, slice: my_intents(mart, slice, slice.previous()),
    "ownership": ownership,
    "came_back": issues_came_back,
    "cohorts": cohorts,
    "curves": repeat_curves,
    "half_times": half_times,
    "cohort_change": lambda mart, slice: cohort_change(mart, slice, slice.previous()),
    "concentration": concentration,
    "drivers": driver_effects,
    "split": split_levels,
    "chains": longest_chains,
    "returners": returners,
    "alerts": alerts,
    "alert_effects": alert_effects,
    "alert_events": alert_events,
    "self_help": self_help,
    "channel_fit": channel_fit,
    "channel_moves": channel_moves,
}
"""What a chart draws, by the name of its CSV file; comparisons are with the days just before."""


def chart_data(mart: Mart, name: str, slice: Slice) -> pd.DataFrame:
    """The rows a chart draws, as its CSV hands them out.

    Raises:
        BadUse: There is no such chart, or the slice does not fit it.
    """
    if name not in CHARTS:
        raise BadUse(f"unknown chart '{name}': {did_you_mean(name, CHARTS)}")
    return CHARTS[name](mart, slice)

"""A review as a text: for an e-mail, a ticket, or paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cx_metrics.charts.numbers import UNKNOWN, count, is_known, money, percent
from cx_metrics.reviews.states import Review, Step
from cx_metrics.reviews.tables import then_and_now

WIDTH = 100


def review_text(
    review: Review,
    *,
    history: Sequence[Step],
    kept: Mapping[str, Any],
    present: Iterable[Mapping[str, Any]],
    causes: Iterable[tuple[str, str, str]],
    verdicts: Iterable[str],
    zone: ZoneInfo,
) -> str:
    """The whole review in plain text: what and why, then and now, causes, verdicts, and every step.

    Args:
        review: As it stands.
        history: Its steps, the flag first.
        kept: The evidence frozen when it was flagged.
        present: The same numbers of the present data.
        causes: Bone, cause and state of each cause.
        verdicts: What measuring said, newest first.
        zone: In which times are written.
    """
    parts = [
        f"Review {review.id}: {review.intent}",
        "=" * WIDTH,
        *_facts(review, zone),
        "",
        f"When it was flagged ({kept['from_on']} to {kept['to_on']}) and now",
        "-" * WIDTH,
        *_numbers(then_and_now(kept["numbers"], present), str(kept["currency"])),
        f"{count(len(kept['contacts']))} contacts are kept as evidence.",
        *_section("Causes", [f"{bone}: {text} ({state})" for bone, text, state in causes], none="None is named yet."),
        *_section("Did it help?", list(verdicts), none="No verdict was recorded yet."),
        *_section("History", [_step(step, zone) for step in history], none=""),
    ]
    return "\n".join(parts) + "\n"


def _facts(review: Review, zone: ZoneInfo) -> list[str]:
    owner = review.owner or "nobody"
    told = {
        "State": str(review.state),
        "Severity": str(review.severity),
        "Paused": review.paused_what,
        "Why": review.reason,
        "Over when": review.resume_when,
        "Owner": f"{owner} ({review.owner_email})" if review.owner_email else owner,
        "Flagged": f"{_stamp(review.flagged_at, zone)} by {review.flagged_by}",
        "Acknowledge by": _stamp(review.acknowledge_by, zone),
        "Decide by": _stamp(review.decide_by, zone),
        "Fixed on": review.fixed_on.isoformat() if review.fixed_on else None,
        "Times in": zone.key,
    }
    return [_hanging(f"{name + ':':<16}{_line(value)}") for name, value in told.items() if value]


def _numbers(frame: pd.DataFrame, currency: str) -> list[str]:
    return [
        f"{row['title']:<28}{_value(row, 'then', currency):<34}{_value(row, 'now', currency)}".rstrip()
        for row in frame.to_dict("records")
    ]


def _value(row: Mapping[Any, Any], side: str, currency: str) -> str:
    value, unit = row[side], row["unit"]
    if not is_known(value):
        return UNKNOWN
    shown = percent(value, 1) if unit == "share" else money(value, currency) if unit == "money" else count(value)
    low, high = row[f"{side}_low"], row[f"{side}_high"]
    between = f" ({percent(low, 1)} to {percent(high, 1)})" if unit == "share" and is_known(low) else ""
    return f"{shown}{between}"


def _section(title: str, lines: Sequence[str], *, none: str) -> list[str]:
    return ["", title, "-" * WIDTH, *(_hanging(f"- {_line(line)}", by=2) for line in lines or [none])]


def _step(step: Step, zone: ZoneInfo) -> str:
    fixed = f" (fixed on {step.fixed_on})" if step.fixed_on else ""
    return f"{_stamp(step.at, zone)} {step.state} by {step.actor}: {step.note}{fixed}"


def _hanging(text: str, *, by: int = 16) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, subsequent_indent=" " * by, break_on_hyphens=False))


def _line(text: str) -> str:
    return " ".join(text.split())


def _stamp(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"

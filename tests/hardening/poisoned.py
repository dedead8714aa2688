"""A home in which every text is an attempt at something: markup, formulas, links, statements."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

from cx_metrics.config import Settings
from cx_metrics.contacts.fit import suggest_mapping
from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.reviews import workflow
from cx_metrics.reviews.causes import add_cause
from cx_metrics.reviews.states import Severity, State
from cx_metrics.store import ledger
from cx_metrics.store.decided.records_file import import_records
from cx_metrics.store.home import Home
from cx_metrics.store.lake import mappings
from cx_metrics.store.lake.intake import take_in
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from tests.browser.homes import ZONE, write_csv

HOST = "evil.example"
MARKUP = (
    "<img src=x onerror=window.__pwned=1>",
    f"<a href='http://{HOST}/'>click</a><script>window.__pwned=1</script>",
    f"[link](http://{HOST}/) ![](http://{HOST}/p.png) javascript:alert(1)",
    ":red[x] :material/home: $x^2$ **b** `c` # h",
    f'=HYPERLINK("http://{HOST}/","x") www.{HOST} me@{HOST}',
    "'; DROP TABLE cells; -- \\ \" %s {0} {{x}} NULL",
    "\u202e<svg/onload=window.__pwned=1>%{x} \u0000z",
)
RAW = ("<img src", "<a href", "<script", "<svg", "[link](", "![](", ":red[", ":material/home:", "$x^2$", "**b**", "`c`")
"""Parts of these texts that Markdown must never hold as they stand."""

LAST = date(2026, 2, 20)
_COLUMNS = (
    "contact_id",
    "customer_id",
    "started_at",
    "ended_at",
    *DIMENSIONS,
    "handle_minutes",
    "resolved",
    "urgency",
    "self_help",
    "survey_offered_at",
    "survey_answered_at",
    "csat",
    "outcome",
    "confirmed",
    "follow_up",
    "subject",
)


@dataclass(frozen=True)
class Poisoned:
    """The home, and what stands in it.

    Attributes:
        home: The home.
        intents: Its intents.
        review: A review that is open.
    """

    home: Home
    intents: tuple[str, ...]
    review: int


def poison(field: str, number: int = 0) -> str:
    """A text of that field which attempts something."""
    return f"{MARKUP[number % len(MARKUP)]} {field}"


def poisoned_home(folder: Path, *, days: int = 210) -> Poisoned:
    """A home with contacts, decisions, a review and a mapping whose every text is poisoned; its mart is up to date."""
    home = Home(Settings(home=folder / "home", timezone=ZONE, memory="500MB"))
    name = f"{poison('file', 3).replace('/', '')}.csv"
    path = write_csv(folder / name.replace("\0", ""), rows(days), columns=columns())
    mapping = replace(suggest_mapping(columns()), name=poison("mapping", 1))
    with home.session() as session:
        mappings.save(session, mapping, actor=poison("actor", 0))
    take_in(home, path, source=poison("source", 0), mapping=mapping.name)
    bring_up_to_date(home)
    intents = tuple(_clean(poison("intent", number)) for number in range(len(MARKUP)))
    with home.session() as session:
        import_records(session, _records(intents), origin=poison("origin"), actor=poison("actor", 1))
    bring_up_to_date(home)
    with home.session() as session, fresh_mart(home) as mart:
        now = ledger.utc_now()
        flagged = workflow.flag(
            session,
            mart=mart,
            intent=intents[0],
            severity=Severity.PAUSE,
            paused_what=poison("paused", 1),
            reason=poison("reason", 2),
            acknowledge_by=now + timedelta(hours=4),
            decide_by=now + timedelta(hours=48),
            actor=poison("actor", 2),
        )
        taken = workflow.step(
            session, flagged.id, to=State.ACKNOWLEDGED, note=poison("note", 3), actor="ada", version=flagged.version
        )
        for number in range(4):
            add_cause(
                session, taken.id, bone="process", text=poison("cause", number), actor="ada", whys=[poison("why", 1)]
            )
    return Poisoned(home, intents, flagged.id)


def _clean(text: str) -> str:
    return text.replace("\0", "")


def columns() -> tuple[str, ...]:
    """The extract's header."""
    return (*_COLUMNS, poison("header", 0))


def rows(days: int) -> list[tuple[str, ...]]:
    """The contacts of so many days, as an extract has them: texts under the names of ``columns``."""
    made, numbers = [], count()
    for back in range(days, -1, -1):
        for place in range(9):
            number = next(numbers)
            started = datetime.combine(LAST - timedelta(days=back), time(8 + place), UTC)
            if back == 0:
                started = started.replace(hour=22, minute=50 + place)
            row = {name: poison(name, number + at) for at, name in enumerate(DIMENSIONS, start=1)}
            row |= {
                "intent": poison("intent", number // 2),
                "contact_id": f"{number} {poison('id', number)}",
                "customer_id": f"{number * 7 % 400} {poison('customer', number % 3)}",
                "started_at": started.isoformat(),
                "ended_at": (started + timedelta(minutes=30)).isoformat(),
                "handle_minutes": str(5 + number % 9),
                "resolved": "true" if number % 3 else "false",
                "urgency": poison("urgency", number),
                "self_help": poison("self_help", number),
                "survey_offered_at": (started + timedelta(hours=1)).isoformat() if number % 2 else "",
                "survey_answered_at": (started + timedelta(hours=2)).isoformat() if number % 4 == 1 else "",
                "csat": str(1 + number % 5) if number % 4 == 1 else "",
                "outcome": str(1 + number % 5) if number % 4 == 1 else "",
                "confirmed": ("true" if number % 8 == 1 else "false") if number % 4 == 1 else "",
                "follow_up": "true" if number % 40 == 1 else "",
                "subject": poison("subject", number),
                poison("header", 0): "x",
            }
            made.append(tuple(_clean(row[name]) for name in columns()))
    return made


def _records(intents: tuple[str, ...]) -> str:
    lines = []
    for number, intent in enumerate(intents):
        lines += [
            "[[intents]]",
            f"intent = {json.dumps(intent)}",
            f"owner = {json.dumps(_clean(poison('owner', number)))}",
            f"owner_email = {json.dumps(f'owner{number}@example.com')}",
            f"department = {json.dumps(_clean(poison('department', number)))}",
            "fcr_target = 0.8",
            "expected_hours = 1",
            "downstream_cost = 3.5",
            f'value_to_customer = "{"high" if number % 2 else "low"}"',
            f'value_to_company = "{"high" if number % 3 else "low"}"',
        ]
    for number in range(len(MARKUP)):
        channel = json.dumps(_clean(poison("channel", number)))
        lines += ["[[rates]]", f"channel = {channel}", "from = 2025-01-01", "per_minute = 1.0", "per_contact = 0.5"]
    for back in range(220):
        on = LAST - timedelta(days=back)
        lines += ["[[x_units]]", f"name = {json.dumps(poison('unit', 1))}", f"on = {on}", "units = 500"]
    lines += [
        "[[alerts]]",
        f"name = {json.dumps(poison('alert', 0))}",
        f"intent = {json.dumps(intents[1])}",
        f"trigger = {json.dumps(poison('trigger', 1))}",
        "sent_at = 2026-01-05T06:30:00+01:00",
        "within_days = 3",
        f"audience = {json.dumps(poison('audience', 3))}",
        "n_sent = 1000",
    ]
    return "\n".join(lines)

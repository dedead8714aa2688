"""The demo company's files: two systems' exports, the mapping of each, and the records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from cx_metrics.demo.company import COMPANY, DATA, DEMO_SOURCES, END_ON, INTENTS, START_ON, growth
from cx_metrics.demo.contacts import simulate
from cx_metrics.store.engines.locked import connect


@dataclass(frozen=True)
class DemoExtract:
    """One written file: where it is, which source it comes from, and the mapping that reads it."""

    path: Path
    source: str
    mapping: Path


def _words(column: str, words: Mapping[str, str]) -> str:
    whens = " ".join(f"WHEN {value} THEN '{word}'" for value, word in words.items())
    return f"CASE {column} {whens} END"


_VIA = _words("channel", {"'chat'": "Live chat", "'email'": "Mail", "'web form'": "Web", "'social'": "Social media"})
_RATING = _words("csat", {"5": "very good", "4": "good", "3": "fair", "2": "poor", "1": "very poor"})
_YES_NO, _Y_N = {"1": "yes", "0": "no"}, {"1": "Y", "0": "N"}
_ISO, _GERMAN = "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"

# The column titles of each system, and what stands in them.
_TICKETS = {
    "Ticket ID": "printf('T%06d', number)",
    "Subject": "subject",
    "Priority": "urgency",
    "Via": _VIA,
    "Group": "team",
    "Reason group": "category",
    "Reason": "intent",
    "Created at": f"strftime(started_at, '{_ISO}')",
    "Solved at": f"strftime(ended_at, '{_ISO}')",
    "Marked solved": _words("resolved", _YES_NO),
    "Requester ID": "'N' || customer",
    "Customer type": "segment",
    "Product": "product",
    "Region": "region",
    "Time tracked (min)": "handle_minutes::DECIMAL(9, 1)",
    "Visit or refund (EUR)": "downstream_cost::DECIMAL(9, 2)",
    "Reopens": "reopens",
    "Reassignments": "transfers",
    "Help article": "nullif(self_help, '')",
    "Survey sent at": f"strftime(survey_offered_at, '{_ISO}')",
    "Survey answered at": f"strftime(survey_answered_at, '{_ISO}')",
    "Satisfaction (1-5)": "csat::INTEGER",
    "Recommend (0-10)": "nps::INTEGER",
    "Easy (1-7)": "ces::INTEGER",
    "Was it solved (1-5)": "outcome::INTEGER",
    "How did it feel (1-5)": "feeling::INTEGER",
    "Problem gone": _words("confirmed", _YES_NO),
    "Please call me": _words("follow_up", _YES_NO),
}
_CALLS = {
    "Call": "printf('CALL-%06d', number)",
    "Call start": f"strftime(started_at, '{_GERMAN}')",
    "Case closed": f"strftime(ended_at, '{_GERMAN}')",
    "Caller": "'N' || customer",
    "Queue": "team",
    "Wrap-up group": "category",
    "Wrap-up reason": "intent",
    "Done": _words("resolved", _Y_N),
    "Talk and wrap-up (s)": "round(60 * handle_minutes)::INTEGER",
    "Handovers": "transfers",
    "Follow-up cost": "downstream_cost::DECIMAL(9, 2)",
    "Tariff class": "segment",
    "Line": "product",
    "Area": "region",
    "Urgency": "urgency",
    "Tried before": "nullif(self_help, '')",
    "SMS sent": f"strftime(survey_offered_at, '{_GERMAN}')",
    "SMS answered": f"strftime(survey_answered_at, '{_GERMAN}')",
    "SMS rating": _RATING,
    "SMS recommend": "nps::INTEGER",
    "SMS solved": "outcome::INTEGER",
    "SMS feeling": "feeling::INTEGER",
    "SMS gone": _words("confirmed", _Y_N),
    "SMS call back": _words("follow_up", _Y_N),
    "Note": "subject",
}


@dataclass(frozen=True)
class _System:
    source: str
    file: str
    columns: Mapping[str, str]
    rows: str
    options: str


_SYSTEMS = (
    _System(DEMO_SOURCES[0], "tickets-{}.csv", _TICKETS, "channel <> 'phone'", "DELIMITER ','"),
    _System(DEMO_SOURCES[1], "calls-{}.tsv", _CALLS, "channel = 'phone'", "DELIMITER '\t', NULLSTR 'n/a'"),
)


def write_demo(
    folder: Path,
    *,
    seed: int = 20261031,
    scale: float = 1.0,
    progress: Callable[[str, float], None] | None = None,
) -> list[DemoExtract]:
    """The demo company's extracts, written as half-yearly files of two systems, in the order to load them.

    Beside the extracts stand a mapping for each source (``<source>.toml``) and ``records.toml``.

    Args:
        folder: Where the files go; made if missing, files of the same name are replaced.
        seed: Of the random numbers; the same seed and scale give the same bytes.
        scale: Share of the contacts, customers and X-units to make; 1.0 is about 300,000 contacts.
        progress: Told what is being done, and the share (0..1) that is finished.
    """
    tell = progress or (lambda _what, _share: None)
    folder.mkdir(parents=True, exist_ok=True)
    for source in DEMO_SOURCES:
        (folder / f"{source}.toml").write_text(DATA["mappings"][source], encoding="utf-8", newline="\n")
    (folder / "records.toml").write_text(_records(scale=scale), encoding="utf-8", newline="\n")
    tell("making contacts", 0.0)
    contacts = simulate(seed, scale=scale)
    contacts["number"] = contacts.groupby(contacts["channel"] == "phone").cumcount() + 1
    jobs = [(half, system) for half in _halves() for system in _SYSTEMS]
    extracts = []
    with connect(folders=[folder]) as connection:
        connection.register("contacts", pa.Table.from_pandas(contacts, preserve_index=False))
        for done, (half, system) in enumerate(jobs, start=1):
            path = folder / system.file.format(f"{half.year}-h{1 if half.month == 1 else 2}")
            tell(f"writing {path.name}", 0.5 + 0.5 * done / (len(jobs) + 1))
            connection.execute(_export(system, half, path))
            extracts.append(DemoExtract(path, system.source, folder / f"{system.source}.toml"))
    tell("done", 1.0)
    return extracts


def _halves() -> Iterator[date]:
    first = [date(year, month, 1) for year in range(START_ON.year, END_ON.year + 1) for month in (1, 7)]
    return (half for half in first if half <= END_ON and _next_half(half) > START_ON)


def _next_half(half: date) -> date:
    return half.replace(month=7) if half.month == 1 else half.replace(year=half.year + 1, month=1)


def _export(system: _System, half: date, path: Path) -> str:
    columns = ", ".join(f'{value} AS "{title}"' for title, value in system.columns.items())
    between = f"started_at >= DATE '{half}' AND started_at < DATE '{_next_half(half)}'"
    query = f"SELECT {columns} FROM contacts WHERE {system.rows} AND {between} ORDER BY number"
    target = str(path).replace("'", "''")
    return f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER, {system.options})"


def _records(*, scale: float) -> str:
    lines = [f"# What {COMPANY} has decided: intents and their owners, rates, units."]
    for table, entry in (*_intents(), *_rates(), *_x_units(scale=scale), *_alerts()):
        lines += ["", f"[[{table}]]", *(f"{key} = {_toml(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def _toml(value: str | float | date) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _intents() -> Iterator[tuple[str, dict[str, Any]]]:
    decided = ["fcr_target", "window_days", "downstream_cost", "expected_hours"]
    decided += ["value_to_customer", "value_to_company"]
    for row in INTENTS.to_dict("records"):
        owner = DATA["owners"].get(row["owner"], [])
        who = dict(zip(("owner", "owner_email", "department"), owner, strict=False))
        what = {key: row[key] for key in ("intent", "category")}
        yield "intents", {**what, **who, **{key: row[key] for key in decided}}


def _rates() -> Iterator[tuple[str, dict[str, Any]]]:
    for table in DATA["rates"]:
        for channel in DATA["channels"]:
            amounts = dict(zip(("per_minute", "per_contact", "assumed_minutes"), table[channel], strict=True))
            yield "rates", {"channel": channel, "from": table["from"], **amounts}


def _alerts() -> Iterator[tuple[str, dict[str, Any]]]:
    return (("alerts", entry) for entry in DATA["alerts"])


def _x_units(*, scale: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """Orders and routers shipped of every day: a share of the lines there are, by weekday, fewer on quiet days."""
    lines = growth() * DATA["customers"] * DATA["lines_per_customer"] * scale
    quiet = dict(DATA["quiet_days"])
    for number, line in enumerate(lines):
        on = START_ON + timedelta(days=number)
        usual = float(line) * 12 / 365
        orders = usual * DATA["orders_per_line"] * DATA["order_weekdays"][on.weekday()] * quiet.get(on, 1.0)
        built = usual * DATA["routers_per_line"] * DATA["shipping_weekdays"][on.weekday()] * (on not in quiet)
        yield "x_units", {"name": "orders", "on": on, "units": round(orders)}
        yield "x_units", {"name": "routers shipped", "on": on, "units": round(built)}

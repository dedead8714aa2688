"""The demo company's written files, read back with plain pandas and nothing else of the product."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cx_metrics.demo import DEMO_SOURCES, DemoExtract, write_demo

_WORDS = {"very good": 5, "good": 4, "fair": 3, "poor": 2, "very poor": 1}

_TICKETS = {
    "id": "Ticket ID",
    "customer": "Requester ID",
    "intent": "Reason",
    "category": "Reason group",
    "channel": "Via",
    "started": "Created at",
    "ended": "Solved at",
    "offered": "Survey sent at",
    "answered": "Survey answered at",
    "resolved": "Marked solved",
    "minutes": "Time tracked (min)",
    "csat": "Satisfaction (1-5)",
    "article": "Help article",
    "team": "Group",
    "region": "Region",
    "money": "Visit or refund (EUR)",
}
_CALLS = {
    "id": "Call",
    "customer": "Caller",
    "intent": "Wrap-up reason",
    "category": "Wrap-up group",
    "started": "Call start",
    "ended": "Case closed",
    "offered": "SMS sent",
    "answered": "SMS answered",
    "resolved": "Done",
    "minutes": "Talk and wrap-up (s)",
    "csat": "SMS rating",
    "article": "Tried before",
    "team": "Queue",
    "region": "Area",
    "money": "Follow-up cost",
}


@dataclass(frozen=True)
class Demo:
    folder: Path
    extracts: list[DemoExtract]
    tickets: pd.DataFrame
    calls: pd.DataFrame
    contacts: pd.DataFrame


def written_demo(folder: Path) -> Demo:
    """The full-size demo company, written into a folder and read back."""
    extracts = write_demo(folder)
    raw = {s: pd.concat([_read(e) for e in extracts if e.source == s]) for s in DEMO_SOURCES}
    tickets, calls = (raw[source] for source in DEMO_SOURCES)
    chatty = _plain(tickets, _TICKETS, date_format="%Y-%m-%d %H:%M:%S", yes="yes")
    chatty["minutes"] = chatty["minutes"].astype(float)
    spoken = _plain(calls, _CALLS, date_format="%d.%m.%Y %H:%M:%S", yes="Y").assign(channel="Phone")
    spoken["minutes"] = spoken["minutes"].astype(float) / 60
    spoken["csat"] = spoken["csat"].map(_WORDS)
    contacts = pd.concat([chatty, spoken], ignore_index=True)
    contacts["csat"] = contacts["csat"].astype(float)
    return Demo(folder, extracts, tickets, calls, contacts)


def _read(extract: DemoExtract) -> pd.DataFrame:
    tabs = extract.path.suffix == ".tsv"
    return pd.read_csv(
        extract.path,
        sep="\t" if tabs else ",",
        dtype=str,
        keep_default_na=False,
        na_values=["n/a" if tabs else ""],
    )


def _plain(raw: pd.DataFrame, columns: dict[str, str], *, date_format: str, yes: str) -> pd.DataFrame:
    plain = pd.DataFrame({name: raw[title] for name, title in columns.items()})
    for name in ("started", "ended", "offered", "answered"):
        plain[name] = pd.to_datetime(plain[name], format=date_format)
    plain["resolved"] = plain["resolved"].map(lambda word: word == yes).where(plain["resolved"].notna())
    return plain

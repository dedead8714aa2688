"""What an erasure is to take away, written down before anything goes: a file that is there while it is open."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cx_metrics.contacts.quoting import literal
from cx_metrics.store.decided.follow_ups import ContactKey
from cx_metrics.store.home import Home
from cx_metrics.store.privacy.redacting import is_telling

KINDS = ("erase", "forget")
"""Kinds of operations that are erasures: of a person, and of what is too old."""

_PLAN = b"plan"


@dataclass(frozen=True)
class Plan:
    """What is to go.

    Attributes:
        kind: erase or forget.
        ids: Of the customer, as it rests and in clear; none where contacts go by their age.
        source: Only contacts of this source; None: of all.
        before: Contacts that started before this month (``2024-01``) go; None where they go by their customer.
        reference: What the person who asks calls the matter.
        contacts: How many contacts go.
        superseded: How many older versions of contacts go.
    """

    kind: str
    ids: tuple[str, ...] = ()
    source: str | None = None
    before: str | None = None
    reference: str | None = None
    contacts: int = 0
    superseded: int = 0

    @property
    def condition(self) -> str:
        """SQL of the rows that go, over the lake's columns."""
        if self.before is not None:
            return f"month < {literal(self.before)}"
        own = "" if self.source is None else f" AND source = {literal(self.source)}"
        return f"customer_id IN ({', '.join(map(literal, self.ids))}){own}"

    @property
    def anywhere(self) -> tuple[str, ...]:
        """The ids that mean this customer wherever they stand: none where they may be another's in another source."""
        return self.ids if self.source is None else ()

    @property
    def mention(self) -> str | None:
        """SQL of the rows whose subject mentions the customer; None where no id can be told from other words."""
        told = "|".join(re.escape(each) for each in self.anywhere if is_telling(each))
        return f"regexp_like(subject, {literal(f'(^|[^0-9A-Za-z])({told})([^0-9A-Za-z]|$)')})" if told else None

    @property
    def cut_at(self) -> datetime | None:
        """The first moment that is kept, UTC."""
        return None if self.before is None else datetime.strptime(self.before, "%Y-%m")


def plan_file(home: Home, number: int) -> Path:
    """Where the plan of an operation rests, with the contacts that are named nowhere any more afterwards."""
    return home.folder / "erasing" / f"operation-{number}.parquet"


def write_plan(plan: Plan, keys: pa.Table, *, to: Path) -> None:
    """Write a plan with its contacts (source, contact_id)."""
    to.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(keys.replace_schema_metadata({_PLAN: json.dumps(asdict(plan)).encode()}), to)


def read_plan(file: Path) -> Plan:
    """The plan of a file."""
    told = json.loads(pq.read_schema(file).metadata[_PLAN])
    return Plan(**told | {"ids": tuple(told["ids"])})


def planned(home: Home, number: int) -> frozenset[ContactKey]:
    """Source and contact id of the contacts that an erasure takes away; while it is open."""
    keys = pq.read_table(plan_file(home, number))
    return frozenset(zip(keys["source"].to_pylist(), keys["contact_id"].to_pylist(), strict=True))

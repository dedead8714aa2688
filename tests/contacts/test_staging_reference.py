"""Staging against the same rules written row by row in Python: equal contacts, equal rejected rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.contacts.mapping import Mapping, parse_mapping
from cx_metrics.contacts.schema import FIELDS
from cx_metrics.errors import BadMapping
from tests.contacts import reference
from tests.contacts.tables_by_hand import contacts, counts, rejects, staged_rows

TIMES = ("started_at", "ended_at", "survey_offered_at", "survey_answered_at")
AS_IT_STANDS = "".join(f'{f.name} = "{f.name}"\n' for f in FIELDS if f.name != "source")

MAPPINGS = {
    "as it stands": f'timezone = "Europe/Rome"\nmissing = ["?", "N/A"]\n[columns]\n{AS_IT_STANDS}',
    "no zone": f"[columns]\n{AS_IT_STANDS}",
    "every option": """
timezone = "America/New_York"
missing = ["?", "0", "true"]
drop = [{ column = "urgency", equals = ["Phantom", ""] }]
[columns]
contact_id = { columns = ["team", "contact_id"], join = "-" }
customer_id = { column = "customer_id", missing = ["Anonymous"] }
started_at = { columns = ["started_at", "ended_at"] }
survey_offered_at = { column = "survey_offered_at", format = "epoch_s" }
survey_answered_at = { column = "survey_answered_at", format = "epoch_ms" }
intent = { columns = ["intent", "category"], join = " / " }
channel = { column = "channel", values = { 1 = "e-mail", "2" = "portal", "É" = "chat" }, other = "missing" }
segment = { constant = "new" }
product = { column = "product", values = { a = "A", b = "B" } }
handle_minutes = { column = "handle_minutes", unit = "s" }
csat = { column = "csat", values = { Good = 5, "bad " = 1, "0" = 3 } }
resolved = { column = "resolved", missing = ["0", "no"] }
confirmed = { column = "confirmed", values = { yes = true, no = false }, other = "missing" }
""",
    "formats": """
timezone = "UTC"
[columns]
contact_id = "contact_id"
started_at = { column = "started_at", format = "%d/%m/%Y %H:%M" }
ended_at = "ended_at"
survey_offered_at = { column = "survey_offered_at", format = "iso" }
survey_answered_at = { column = "survey_answered_at", format = "%d/%m/%y" }
handle_minutes = { column = "handle_minutes", unit = "h:mm:ss" }
""",
    "events": """
row = "event"
keep_by = "transfers"
missing = ["?"]
timezone = "UTC"
drop = [{ column = "urgency", equals = ["phantom"] }]
[columns]
contact_id = "contact_id"
started_at = { column = "started_at", of = "first" }
ended_at = "ended_at"
intent = { column = "intent", of = "first" }
category = "category"
handle_minutes = { column = "handle_minutes", unit = "h" }
""",
    "events in file order": """
row = "event"
timezone = "UTC"
[columns]
contact_id = "contact_id"
started_at = "started_at"
intent = { column = "intent", of = "first" }
team = { column = "team", of = "newest" }
""",
}  # fmt: skip


def one_of(*lines: str) -> st.SearchStrategy[str | None]:
    """One of the texts between the bars of these lines."""
    return st.sampled_from([text for line in lines for text in line.split("|")])


def one_or_none(*lines: str) -> st.SearchStrategy[str | None]:
    """The like, or None."""
    return st.sampled_from([None, *(text for line in lines for text in line.split("|"))])


iso = one_of(
    "2024-01-31|2024-02-30|2023/2/9 7:08|2024-01-31T10:20:30.1234567Z|2024-01-31 10:20:30+05:30|2024-03-31 02:30",
    "2024-10-27 02:30|2024-10-27 01:30:00|2024-03-10 02:59|2024-01-31 00:00 UTC|1990-01-01 00:00|1990-01-01",
    "1989-12-31 23:59:59|2999-01-01|2024-01-31 24:00|2024-01-31T5:06|2024-01-31 10:20:30 -0330|2024-01-31 10:20:60",
    "2024-01-31 10:61|2024-13-01|2024-01-31 10| 2024-02-01 00:00:00 |2024-11-03 01:30",
)
day_first = one_of(
    "31/1/2024 01:16|1/2/2024|29.02.2023|5-6-24 1:02 PM|13/12/99 13:00 pm|31/02/2024|12/11/2023, 00:30:15.5",
    "29/2/24 12:00AM|00/1/2024|6/6/2023 23:59| 1/3/2024 ",
)
month_first = one_of(
    "1/31/2024 01:16|1/2/2024|02.29.2023|6-15-24 1:02 PM|2/31/2024 10:00:00|12/11/2023, 00:30:15.5",
    "2/29/24 12:00AM|10/25/2023 5:00",
)
no_time = one_or_none("| ? |soon|1706695230|1706695230123|0")
numbers = one_or_none(
    "|0|5|-1|1.5|1,5|1,234|1,234.5|1.234,5|1.234.567|1 234,5|0,123|012,345|1234,567|10080|10080.5| 7 |abc|1e3",
    "nan|12:30|0:12:30|1:60|100:00:59|.5|5.|+3|0.0000005|1,23,4|999999999999|99999999999999|1_000|€ 5|60000|?",
) | st.from_regex(r"[+-]?[0-9]{0,4}([., ][0-9]{1,3}){0,3}", fullmatch=True)
wholes = one_or_none("|0|1|3|5.0|7.|10|11|3.5|4,0|-1|+2|x|?|99999999999| 2 |good|Bad")
bools = one_or_none("|true|No|Y|f|1|0|maybe| TRUE |?|1.0")
texts = one_or_none('| |a|B |n/a|?|\u00a0x\t|2|é|=1+1|O\'Hara|"q"|phantom')
ids = one_or_none("a1|A1|b2|c3| c3 |1.23E+11|1,5e+05|1E+1||anonymous|0|é")
KINDS = {
    "timestamp": no_time | iso,
    "decimal": numbers,
    "int": wholes,
    "score": wholes,
    "bool": bools,
    "text": texts,
}


@st.composite
def extracts(draw: st.DrawFn) -> list[list[str | None]]:
    stamps = draw(
        st.sampled_from([no_time | iso, iso | day_first, iso | month_first, day_first, day_first | month_first])
    )
    columns = []
    size = draw(st.integers(0, 12))
    tidy = draw(st.booleans())
    for field in FIELDS[1:]:
        cells = ids if field.name.endswith("_id") else stamps if field.kind == "timestamp" else KINDS[field.kind]
        if tidy and field.name not in ("contact_id", "started_at") and draw(st.booleans()):
            cells = st.none()
        columns.append(draw(st.lists(cells, min_size=size, max_size=size)))
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


HEADERS = [field.name for field in FIELDS[1:]]


def expected_contacts(mapping: Mapping, outcome: reference.Outcome) -> list[dict[str, Any]]:
    blank = {field.name: None for field in FIELDS} | {"source": "test", "intent": "(none)"}
    return [blank | contact | {"month": contact["started_at"].strftime("%Y-%m")} for contact in outcome.contacts]


@pytest.mark.parametrize("name", MAPPINGS)
@settings(deadline=None, max_examples=25)
@given(rows=extracts())
def test_staging_equals_the_rules_row_by_row(
    name: str, rows: list[list[str | None]], connection: duckdb.DuckDBPyConnection
) -> None:
    mapping = parse_mapping(MAPPINGS[name], origin=name)
    try:
        expected = reference.stage(mapping, HEADERS, rows)
    except reference.QuestionError:
        with pytest.raises(BadMapping, match="leaves open how to read times"):
            staged_rows(mapping, headers=HEADERS, rows=rows, connection=connection)
        return
    staged = staged_rows(mapping, headers=HEADERS, rows=rows, connection=connection)
    found = sorted(contacts(staged), key=lambda contact: contact["contact_id"])
    assert [{k: v for k, v in c.items() if k != "row_number"} for c in found] == expected_contacts(mapping, expected)
    wrong: dict[int, set[str]] = {}
    labels = {" + ".join(rule.columns): field for field, rule in mapping.columns.items() if rule.constant is None}
    for number, column, _, reason in rejects(staged):
        assert reason
        wrong.setdefault(number, set()).add(labels[str(column)])
    assert wrong == expected.rejected
    assert counts(staged) == (
        len(rows), len(expected.contacts), expected.n_merged, expected.n_dropped, len(expected.rejected)
    )  # fmt: skip

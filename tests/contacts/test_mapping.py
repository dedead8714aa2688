"""The format of a mapping file, its round trip, and every problem it can have."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.contacts.addressing import find_header, nearest_header
from cx_metrics.contacts.mapping import DropRule, Mapping, parse_mapping, read_mapping, to_toml
from cx_metrics.contacts.mapping_columns import UNITS, ColumnRule
from cx_metrics.contacts.schema import BY_NAME, MAPPED, Field
from cx_metrics.errors import BadMapping

DESIGN = """
name = "bank-calls"
format = "tsv"
encoding = "utf-8"
sheet = "Calls"
row = "event"
keep_by = "sys_mod_count"
missing = ["?", "-", "n/a"]
timezone = "Europe/Rome"
drop = [{ column = "outcome", equals = ["PHANTOM"] }]

[columns]
contact_id     = { columns = ["line", "call_id"], join = "-" }
customer_id    = { column = "customer_id", missing = ["0"] }
started_at     = { columns = ["date", "entry"], format = "%y%m%d %H:%M:%S", of = "first" }
ended_at       = "resolved_at"
intent         = { columns = ["category", "subcategory"], join = " / " }
handle_minutes = { column = "ser_time", unit = "s" }
csat           = { column = "Satisfaction Score", values = { Good = 5, Bad = 1 }, other = "missing" }
channel        = { constant = "phone" }
"""

DIRECTIVES = "%% %-H %-I %-M %-S %-d %-m %-y %A %B %H %I %M %S %Y %a %b %d %f %g %j %m %p %y %z"

LEAST = '[columns]\ncontact_id = "id"\nstarted_at = "at"\n'


def problems_of(text: str) -> list[str]:
    with pytest.raises(BadMapping) as raised:
        parse_mapping(text, origin="mine.toml")
    return [line.removeprefix("  - ") for line in str(raised.value).splitlines()[1:]]


def test_the_format_of_the_design() -> None:
    assert parse_mapping(DESIGN, origin="x.toml") == Mapping(
        name="bank-calls",
        format="tsv",
        encoding="utf-8",
        sheet="Calls",
        row="event",
        keep_by="sys_mod_count",
        missing=("?", "-", "n/a"),
        timezone="Europe/Rome",
        drop=(DropRule("outcome", ("PHANTOM",)),),
        columns={
            "contact_id": ColumnRule(("line", "call_id"), join="-"),
            "customer_id": ColumnRule(("customer_id",), missing=("0",)),
            "started_at": ColumnRule(("date", "entry"), format="%y%m%d %H:%M:%S", of="first"),
            "ended_at": ColumnRule(("resolved_at",)),
            "intent": ColumnRule(("category", "subcategory"), join=" / "),
            "handle_minutes": ColumnRule(("ser_time",), unit="s"),
            "csat": ColumnRule(("Satisfaction Score",), values={"Good": 5, "Bad": 1}, other="missing"),
            "channel": ColumnRule(constant="phone"),
        },
    )


def test_what_is_left_out_takes_its_default() -> None:
    mapping = parse_mapping(LEAST, origin="calls.toml")
    assert mapping == Mapping(
        name="calls", columns={"contact_id": ColumnRule(("id",)), "started_at": ColumnRule(("at",))}
    )
    assert (mapping.row, mapping.columns["started_at"].join) == ("contact", " ")


def test_every_problem_is_listed_with_the_nearest_word() -> None:
    text = """
nam = "x"
format = "cvs"
encoding = "utf9"
timezone = "Europe/Rom"
row = "events"
missing = "?"
drop = [{ colum = "x" }]
[columns]
contact_id = { constant = "1" }
started = "x"
csat = { column = "x", vals = { a = 1 }, values = { Good = 6, good = 5 }, other = "skip", unit = "s" }
ended_at = { column = "x", format = "%d/%m" }
handle_minutes = { column = "x", unit = "sec" }
source = "x"
"""
    assert problems_of(text) == [
        "mapping: unknown key 'nam'; did you mean 'name'?",
        "row: 'events' is not known; did you mean 'event'?",
        "encoding: 'utf9' is not an encoding; did you mean 'utf-8'?",
        "timezone: 'Europe/Rom' is not a time zone; did you mean 'Europe/Rome'?",
        "format: 'cvs' is not known; did you mean 'csv'?",
        'missing: must be a list of texts such as ["-", "n/a"], not \'?\'',
        "drop 1: unknown key 'colum'; did you mean 'column'?",
        "drop 1: lacks 'column'",
        "drop 1: lacks 'equals'",
        "columns.contact_id.constant: an id can't be the same for every contact",
        "columns.started: unknown field 'started'; did you mean 'started_at'?",
        "columns.csat: unknown key 'vals'; did you mean 'values'?",
        "columns.csat.unit: has no use here: only handle_minutes has a unit",
        "columns.csat.unit: has no use beside values, which are in minutes",
        "columns.csat.other: 'skip' is not known; allowed: reject, missing",
        "columns.csat.values: 'Good' = 6: must lie between 1 and 5",
        "columns.csat.values: 'good' and 'Good' are the same text, as case does not count",
        "columns.ended_at.format: '%d/%m': it must say year, month and day",
        "columns.handle_minutes.unit: 'sec' is not known; allowed: ms, s, min, h, h:mm:ss",
        "columns.source: the source is named with the load (--source), not by a mapping",
        "columns: started_at (when the contact was opened) must be mapped",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("csat = {}", "columns.csat: needs exactly one of column, columns, constant; it has none"),
        (
            'csat = { column = "x", constant = 3 }',
            "columns.csat: needs exactly one of column, columns, constant; it has column and constant",
        ),
        ("csat = 5", "columns.csat: must be a column's name or a table, not 5"),
        ('csat = ""', "columns.csat: must be a column's name or a table, not ''"),
        ("csat = { columns = [] }", "columns.csat.columns: is an empty list; name at least one text or leave it out"),
        (
            'csat = { column = "x", values = {} }',
            "columns.csat.values: must be a table such as { Good = 5, Bad = 1 }, not {}",
        ),
        ('csat = { column = "x", other = "missing" }', "columns.csat.other: has no use here: it needs values = {...}"),
        ('csat = { column = "x", join = "-" }', "columns.csat.join: has no use here: it needs columns = [...]"),
        ('csat = { column = "x", format = "iso" }', "columns.csat.format: has no use here: only times have a format"),
        ('csat = { column = "x", of = "first" }', 'columns.csat.of: has no use here: it needs row = "event"'),
        ('csat = { constant = 3, missing = ["x"] }', "columns.csat.missing: has no use beside constant"),
        ("csat = { constant = 2.5 }", "columns.csat.constant: 2.5: must be a whole number"),
        ("csat = { constant = true }", "columns.csat.constant: true: must be a whole number"),
        ("nps = { constant = 11 }", "columns.nps.constant: 11: must lie between 0 and 10"),
        ("reopens = { constant = -1 }", "columns.reopens.constant: -1: must lie between 0 and 2000000000"),
        ("direct_cost = { constant = nan }", "columns.direct_cost.constant: nan: must be a number"),
        ('direct_cost = { constant = "5" }', "columns.direct_cost.constant: '5': must be a number"),
        ('resolved = { constant = "yes" }', "columns.resolved.constant: 'yes': must be true or false, without quotes"),
        ("channel = { constant = 5 }", "columns.channel.constant: 5: must be a text in quotes"),
        (
            'ended_at = { constant = "2026-01-01" }',
            "columns.ended_at.constant: '2026-01-01': ended_at is a time and can't be written in the mapping",
        ),
        (
            'ended_at = { column = "x", format = "epoch" }',
            (
                "columns.ended_at.format: 'epoch': is neither a pattern such as '%d/%m/%Y %H:%M' nor a known word; "
                "did you mean 'epoch_s'?"
            ),
        ),
        (
            'ended_at = { column = "x", format = "%d/%m/%Y %q" }',
            f"columns.ended_at.format: '%d/%m/%Y %q': %q is not known; known are {DIRECTIVES}",
        ),
        (
            'ended_at = { column = "x", format = "%d/%m/%Y %Z" }',
            "columns.ended_at.format: '%d/%m/%Y %Z': %Z (names of zones) can't be read; %z reads offsets such as +0200",
        ),
        (
            'ended_at = { column = "x", format = "%d/%m/%Y %I:%M" }',
            "columns.ended_at.format: '%d/%m/%Y %I:%M': %I (12 hours) and %p (AM or PM) go together, and not with %H",
        ),
        (
            'ended_at = { column = "x", format = "%d/%m/%Y %" }',
            f"columns.ended_at.format: '%d/%m/%Y %': % is not known; known are {DIRECTIVES}",
        ),
    ],
)
def test_one_problem_of_a_column(line: str, problem: str) -> None:
    assert problems_of(LEAST + line) == [problem]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("name = 5", "name: must be a text, not 5"),
        (
            'timezone = "Middle of nowhere"',
            "timezone: 'Middle of nowhere' is not a time zone; use an IANA name such as 'Europe/Rome' or 'UTC'",
        ),
        ("drop = [5]", 'drop: must be a list such as [{ column = "x", equals = ["y"] }], not [5]'),
        (
            'drop = [{ column = "x", equals = "y" }]',
            'drop 1.equals: must be a list of texts such as ["-", "n/a"], not \'y\'',
        ),
        ("missing = [true]", 'missing: must be a list of texts such as ["-", "n/a"], not [True]'),
        (
            'contact_id = "x"',
            (
                "mapping: unknown key 'contact_id'; "
                "allowed: name, format, encoding, sheet, row, keep_by, missing, timezone, drop, columns"
            ),
        ),
    ],
)
def test_one_problem_of_the_head(line: str, problem: str) -> None:
    assert problems_of(f"{line}\n{LEAST}") == [problem]


def test_whole_numbers_in_lists_of_texts_are_their_digits() -> None:
    mapping = parse_mapping("missing = [0, -1]\n" + LEAST, origin="x")
    assert mapping.missing == ("0", "-1")


def test_a_mapping_without_columns() -> None:
    with pytest.raises(BadMapping, match=r"The mapping x has 1 problem:\n.*\[columns\] table is missing"):
        parse_mapping('name = "x"', origin="x")


def test_text_that_is_no_toml_says_where() -> None:
    with pytest.raises(BadMapping, match=r"The mapping x.toml is not valid TOML: .*line 2"):
        parse_mapping('name = "x"\n= 5', origin="x.toml")


def test_files_that_cant_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match=r"none.toml can't be read: No such file"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "wide.toml").write_bytes(LEAST.encode("utf-16"))
    with pytest.raises(BadMapping, match=r"wide.toml is not UTF-8 text"):
        read_mapping(tmp_path / "wide.toml")


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "calls.toml").write_bytes(b"\xef\xbb\xbf" + LEAST.encode())
    assert read_mapping(tmp_path / "calls.toml").name == "calls"


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
word_lists = st.lists(words, min_size=1, max_size=3).map(tuple)


def literals(field: Field) -> st.SearchStrategy[object]:
    high = 2_000_000_000 if field.high is None else field.high
    match field.kind:
        case "text":
            return words
        case "bool":
            return st.booleans()
        case "decimal":
            return st.integers(0, 99) | st.floats(0, high)
    return st.integers(int(field.low or 0), int(high))


def values_of(field: Field) -> st.SearchStrategy[object]:
    return st.dictionaries(words, literals(field), min_size=1, max_size=3).filter(
        lambda table: len({key.strip().lower() for key in table}) == len(table)
    )


@st.composite
def column_rules(draw: st.DrawFn, *, field: Field, row: str) -> ColumnRule:
    timed = field.kind == "timestamp"
    if not timed and not field.name.endswith("_id") and draw(st.booleans()):
        return ColumnRule(constant=draw(literals(field)))  # type: ignore[arg-type]
    columns = draw(word_lists)
    values = None if timed else draw(st.none() | values_of(field))
    formats = st.sampled_from([None, "iso", "epoch_s", "epoch_ms", "%d/%m/%Y %H:%M", "%b %d %y %I:%M %p"])
    units = st.sampled_from([None, *UNITS])
    return ColumnRule(
        columns,
        join=draw(st.sampled_from([" ", "-", "", " / "])) if len(columns) > 1 else " ",
        format=draw(formats) if timed else None,
        unit=draw(units) if field.name == "handle_minutes" and values is None else None,
        values=values,  # type: ignore[arg-type]
        other=draw(st.sampled_from(["reject", "missing"])) if values else "reject",
        missing=draw(st.just(()) | word_lists),
        of=draw(st.sampled_from(["newest", "first"])) if row == "event" else "newest",
    )


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    row: Literal["contact", "event"] = "event" if draw(st.booleans()) else "contact"
    names = draw(st.lists(st.sampled_from([field.name for field in MAPPED]), unique=True, max_size=5))
    names = list(dict.fromkeys([*names, "contact_id", "started_at"]))
    return Mapping(
        name=draw(words),
        format=draw(st.sampled_from([None, "csv", "tsv", "xlsx", "parquet", "json"])),
        encoding=draw(st.sampled_from([None, "utf-8", "cp1252"])),
        sheet=draw(st.none() | words),
        row=row,
        keep_by=draw(st.none() | words),
        missing=draw(st.just(()) | word_lists),
        timezone=draw(st.sampled_from([None, "UTC", "Europe/Rome"])),
        drop=tuple(draw(st.lists(st.builds(DropRule, words, word_lists), max_size=2))),
        columns={name: draw(column_rules(field=BY_NAME[name], row=row)) for name in names},
    )


@settings(deadline=None)
@given(mappings())
def test_a_written_mapping_reads_back_equal(mapping: Mapping) -> None:
    assert parse_mapping(to_toml(mapping), origin="x") == mapping


def test_a_mapping_is_written_as_people_write_it() -> None:
    assert to_toml(parse_mapping(DESIGN, origin="x")) == (
        """name = "bank-calls"
format = "tsv"
encoding = "utf-8"
sheet = "Calls"
row = "event"
keep_by = "sys_mod_count"
timezone = "Europe/Rome"
missing = ["?", "-", "n/a"]

[[drop]]
column = "outcome"
equals = ["PHANTOM"]

[columns]
contact_id = {columns = ["line", "call_id"], join = "-"}
customer_id = {column = "customer_id", missing = ["0"]}
started_at = {columns = ["date", "entry"], join = " ", format = "%y%m%d %H:%M:%S", of = "first"}
ended_at = "resolved_at"
intent = {columns = ["category", "subcategory"], join = " / "}
handle_minutes = {column = "ser_time", unit = "s"}
csat = {column = "Satisfaction Score", values = {Good = 5, Bad = 1}, other = "missing"}
channel = {constant = "phone"}
"""
    )


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("Case Number", 0),
        ("case number", 0),
        ("  Case   Number ↑", 0),
        ("\ufeffCASE NUMBER", 0),
        ("Variant", 1),
        ("variant.2", 2),
        ("STRASSE", 3),
        ("Variant.3", None),
        ("Case", None),
    ],
)
def test_headers_are_found_whatever_their_case_spaces_or_arrows(name: str, position: int | None) -> None:
    assert find_header(name, ["Case Number", "Variant", "Variant.2", "straße"]) == position


def test_the_exact_header_comes_before_one_of_another_case() -> None:
    headers = ["Status", "status"]
    assert [find_header(name, headers) for name in ("status", "STATUS")] == [1, 0]


def test_the_nearest_header() -> None:
    assert nearest_header("resolved at", ["number", "Resolved_At"]) == "Resolved_At"
    assert nearest_header("xyz", ["number", "opened"]) is None

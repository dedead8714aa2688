"""A company with one customer who is known everywhere: in loads, rejected rows, reviews, follow-ups and alerts."""

from __future__ import annotations

from datetime import datetime

from cx_metrics.contacts.mapping import Mapping, parse_mapping
from cx_metrics.reviews import causes, voices
from cx_metrics.store.decided import alerts, deciding, follow_ups
from cx_metrics.store.decided.decisions import Alert
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from tests.reviews.flagging import flagged

PERSON = "CUST-O'Neil/77"
NUMBER = "T-5001"
"""The number of one of the person's contacts."""
OTHERS = ("CUST-B", "CUST-C", "CUST-D")
COLUMNS = ("contact_id", "customer_id", "started_at", "intent", "handle_minutes", "subject")
MAPPING: Mapping = parse_mapping(
    "name = 'tickets'\ntimezone = 'UTC'\n[columns]\n" + "\n".join(f"{name} = '{name}'" for name in COLUMNS),
    origin="tickets",
)

FIRST = (
    (NUMBER, PERSON, "2026-01-05 10:00:00", "Billing", "4", f"{PERSON} calls"),
    ("T-5002", "CUST-B", "2026-01-06 10:00:00", "Billing", "5", f"as {PERSON} said"),
    ("T-5003", "", "2026-01-07 10:00:00", "Billing", "6", "nobody"),
    ("T-5004", PERSON, "2026-01-08 10:00:00", "Visit", "many", "is rejected"),
    (PERSON, "CUST-C", "never", "Visit", "1", "is rejected too"),
    ("T-5005", PERSON, "2026-02-08 10:00:00", "Billing", "3", "again"),
)
SECOND = (
    (NUMBER, PERSON, "2026-01-05 10:00:00", "Billing", "9", "corrected"),
    ("T-5005", PERSON, "2026-02-08 10:00:00", "Billing", "3", "again"),
    ("T-5006", "CUST-C", "2026-02-09 10:00:00", "Billing", "3", "x"),
    ("T-5007", "CUST-D", "2026-02-10 10:00:00", "Visit", "3", "x"),
)
BROKEN = f"T-5008,{PERSON},2026-01-09 10:00:00,Billing,1,x,one too many\n"


def extract(home: Home, rows: tuple[tuple[str, ...], ...], *, broken: str = "") -> None:
    """Load these rows; the file is gone afterwards."""
    path = home.folder / "tickets.csv"
    lines = [",".join(COLUMNS), *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n" + broken, encoding="utf-8")
    try:
        load(home, path, source="desk", mapping=MAPPING, actor="ana")
    finally:
        path.unlink()


def known_everywhere(home: Home) -> None:
    """Fill a home: two loads of which the second corrects the first, and people who write about the person."""
    extract(home, FIRST, broken=BROKEN)
    extract(home, SECOND)
    bring_up_to_date(home)
    contacts = (("desk", NUMBER), ("desk", "T-5006"))
    with fresh_mart(home) as mart, home.session() as session:
        review = flagged(session, mart, "Billing", contact_ids=contacts, reason=f"{PERSON} is angry")
        noted = causes.add_cause(
            session, review.id, bone="people", text=f"{PERSON} was lied to", actor="ana", contact_ids=contacts
        )
        for voice, said in (("customer", "my own words"), ("agent", f"I told {PERSON} so")):
            voices.add_voice(
                session,
                review.id,
                voice=voice,
                said=said,
                actor="ana",
                cause_id=noted.id,
                contact=("desk", NUMBER),
            )
        follow_ups.mark_done(session, ("desk", NUMBER), actor="ana")
        follow_ups.mark_done(session, ("desk", "T-5006"), actor="ana")
        deciding.save_alerts(session, [Alert("Mail", "Billing", sent_at=datetime(2026, 1, 4), n_sent=2)], actor="ana")
    alerts.take_customers(
        home,
        "Mail",
        f"customer_id,group\n{PERSON},sent\nCUST-B,sent\nCUST-D,held out\n",
        origin="mail.csv",
        actor="ana",
    )


def everything_at_rest(home: Home) -> dict[str, str]:
    """Every file of a home, and every row of its records, as text; Parquet files also unpacked."""
    import pyarrow.parquet as pq
    from sqlalchemy import MetaData, select

    from cx_metrics.store import database

    found = {}
    for path in home.folder.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(home.folder))] = path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                found[f"{path.relative_to(home.folder)} unpacked"] = str(pq.read_table(path).to_pydict())
    tables = MetaData()
    tables.reflect(database.engine(home.settings.records_url))
    with home.session() as session:
        for table in tables.sorted_tables:
            found[f"table {table.name}"] = str([tuple(row) for row in session.execute(select(table))])
    return found


def places_with(home: Home, text: str) -> list[str]:
    """Where a text stands, also where the quotes in it are written in other ways."""
    ways = {text, text.replace("'", "''"), text.replace("'", "\\'"), text.replace("/", "\\/")}
    return [name for name, content in everything_at_rest(home).items() if any(way in content for way in ways)]

"""Pseudonyms: customer ids turned into a keyed hash before they rest anywhere.

One key gives one customer one pseudonym, so repeats are found as before; without the key nobody can read the id, or
try ids out. The home remembers a fingerprint of the key: under another key, or none, one customer would become two.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import replace

import duckdb
import pyarrow as pa
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cx_metrics.config import Settings
from cx_metrics.contacts.schema import BY_NAME
from cx_metrics.contacts.staging import Staged
from cx_metrics.errors import BadInput
from cx_metrics.store import ledger
from cx_metrics.store.records import AlertCustomer, Load, LoadState, PseudonymKey

DIGITS = 32
"""Hexadecimal digits of the hash that a pseudonym keeps: 128 bits."""

_PREFIX = "p-"
_FINGERPRINT = b"cx-insight fingerprint of the key"
_BATCH = 100_000
_LEAST_IN_SUBJECT = 4
"""Characters an id has at least to be looked for in its contact's subject."""


def key_of(settings: Settings) -> bytes | None:
    """The key in force; None: ids rest as they come."""
    return settings.pseudonym_key.get_secret_value().encode() or None


def pseudonyms(customer_ids: Iterable[str], *, key: bytes) -> list[str]:
    """What stands for each customer id: ``p-`` and the first 32 digits of its HMAC-SHA256."""
    begun, found = hmac.new(key, digestmod="sha256"), []
    for customer_id in customer_ids:
        # A copy of what is begun takes half the time of beginning anew.
        hashed = begun.copy()
        hashed.update(customer_id.encode("utf-8", "surrogatepass"))
        found.append(_PREFIX + hashed.hexdigest()[:DIGITS])
    return found


def resting(customer_id: str, *, settings: Settings) -> str:
    """A customer id as it rests in this installation."""
    key = key_of(settings)
    return pseudonyms([customer_id], key=key)[0] if key else customer_id


def fingerprint(key: bytes) -> str:
    """What tells one key from another, without telling the key."""
    return hmac.digest(key, _FINGERPRINT, "sha256").hex()[:32]


def check_key(session: Session, settings: Settings) -> None:
    """That customers who come in now get the same ids as those who are there.

    Raises:
        BadInput: They would not; the message says which key is missing, or which must go.
    """
    key, known = key_of(settings), _remembered(session)
    if not _holds_customers(session):
        return
    if known is None and key is not None:
        raise BadInput(
            "This home holds customer ids as they came, and CX_PSEUDONYM_KEY is set now: the same customer would count "
            "as two. Nothing was changed. Unset it; or withdraw every load, then load again with the key."
        )
    if known is not None and key is None:
        raise BadInput(
            f"The customers of this home are pseudonyms, made with a key since {known.at:%Y-%m-%d}: set "
            "CX_PSEUDONYM_KEY to that key, else the same customer would count as two. Nothing was changed."
        )
    if known is not None and key is not None and known.fingerprint != fingerprint(key):
        raise BadInput(
            f"CX_PSEUDONYM_KEY is another key (fingerprint {fingerprint(key)[:8]}) than the one that made the "
            f"pseudonyms of this home ({known.fingerprint[:8]}, since {known.at:%Y-%m-%d}): the same customer "
            "would count as two. Nothing was changed; set the former key."
        )


def remember_key(session: Session, settings: Settings, *, actor: str) -> None:
    """Keep the fingerprint of the key in force, or that there is none, where a home begins to hold customers.

    Raises:
        BadInput: As `check_key`.
    """
    check_key(session, settings)
    key, known = key_of(settings), _remembered(session)
    found, wanted = (known.fingerprint if known else None), (fingerprint(key) if key else None)
    if found == wanted:
        return
    session.execute(delete(PseudonymKey))
    if wanted is not None:
        session.add(PseudonymKey(id=1, fingerprint=wanted, actor=actor, at=ledger.utc_now()))
    ledger.audit(
        session,
        actor=actor,
        action="set pseudonym key",
        subject="customer ids",
        before={"fingerprint": found} if found else None,
        after={"fingerprint": wanted} if wanted else None,
    )


def hidden(connection: duckdb.DuckDBPyConnection, staged: Staged, *, key: bytes | None) -> Staged:
    """Staged contacts whose customers can't be read: pseudonyms for ids, shapes for the values of rejected rows.

    Without a key they are as they came.

    What is filled from a column of the customer id is hidden as well, and the id is taken out of its contact's subject.
    """
    if key is None:
        return staged
    fields = _telling(staged)
    _put_pseudonyms(connection, staged, fields=fields, key=key)
    hides = [f'h{n}.pseudonym AS "{name}"' for n, name in enumerate(fields)]
    joins = [f'LEFT JOIN pseudonyms AS h{n} ON h{n}.id = own."{name}"' for n, name in enumerate(fields)]
    if "subject" not in fields:
        named = f"length(own.customer_id) >= {_LEAST_IN_SUBJECT} AND contains(own.subject, own.customer_id)"
        hides.append(
            f"CASE WHEN {named} THEN replace(own.subject, own.customer_id, h0.pseudonym) "
            "ELSE own.subject END AS subject"
        )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW hidden AS SELECT own.* REPLACE ({', '.join(hides)}) "
        f"FROM {staged.table} AS own {' '.join(joins)}"
    )
    shape = r"regexp_replace(regexp_replace(value, '\p{L}', 'x', 'g'), '\p{N}', '9', 'g')"
    connection.execute(
        f'CREATE OR REPLACE TEMP VIEW hidden_rejects AS SELECT row_number, "column", {shape} AS value, reason '
        f"FROM {staged.rejects}"
    )
    return replace(staged, table="hidden", rejects="hidden_rejects")


def _telling(staged: Staged) -> tuple[str, ...]:
    """The fields whose text is, or is made with, the customer id: that one first."""
    headers = {use.header for use in staged.uses if use.field == "customer_id" and use.header is not None}
    own = [use.field for use in staged.uses if use.header in headers and use.field in BY_NAME]
    others = {name for name in own if name is not None and BY_NAME[name].kind == "text"} - {"customer_id"}
    return ("customer_id", *sorted(others))


def _put_pseudonyms(
    connection: duckdb.DuckDBPyConnection, staged: Staged, *, fields: tuple[str, ...], key: bytes
) -> None:
    """Table ``pseudonyms`` (id, pseudonym) of every text in these fields."""
    connection.execute("CREATE OR REPLACE TEMP TABLE pseudonyms (id VARCHAR, pseudonym VARCHAR)")
    each = " UNION ".join(f'SELECT "{name}" AS id FROM {staged.table} WHERE "{name}" IS NOT NULL' for name in fields)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE clear_ids AS SELECT DISTINCT id FROM ({each})")
    for ids in _batches(connection):
        made = pa.table({"id": ids, "pseudonym": pseudonyms(ids, key=key)})
        connection.register("batch_of_pseudonyms", made)
        connection.execute("INSERT INTO pseudonyms FROM batch_of_pseudonyms")
        connection.unregister("batch_of_pseudonyms")
    connection.execute("DROP TABLE clear_ids")


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[list[str]]:
    last = -1
    while True:
        rows = connection.execute(
            "SELECT rowid, id FROM clear_ids WHERE rowid > ? ORDER BY rowid LIMIT ?", [last, _BATCH]
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [found for _, found in rows]


def _remembered(session: Session) -> PseudonymKey | None:
    return session.scalars(select(PseudonymKey).limit(1)).first()


def _holds_customers(session: Session) -> bool:
    """Whether there are customers of an extract, other than the demo company's, or of an alert."""
    loaded = select(Load.id).where(Load.state.in_((LoadState.LOADED, LoadState.LOADING)), Load.demo.is_(False))
    held = session.scalar(loaded.limit(1)) is not None
    return held or session.scalar(select(AlertCustomer.alert).limit(1)) is not None

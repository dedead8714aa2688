"""What auditors and customers may ask for: the audit trail, a person erased, contacts not kept too long."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from cx_metrics.cli.console import OUT, AsCsv, AsJson, print_rows, say, telling
from cx_metrics.cli.contacts import refreshed
from cx_metrics.config import settings
from cx_metrics.errors import BadUse, StoreError
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.store.home import Home
from cx_metrics.store.people import audit_trail
from cx_metrics.store.privacy import asking as privacy
from cx_metrics.store.privacy.asking import Erasure
from cx_metrics.store.privacy.proof import Proof, prove


def audit(
    from_on: Annotated[str | None, typer.Option("--from", help="First day, as YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this person did.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this, e.g. 'export contact rows'.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Who did what, when and from where, newest first."""
    home = Home(settings())
    asked = audit_trail.Asked(
        from_on=_day(from_on, "--from"), to_on=_day(to_on, "--to"), actor=actor, action=action, zone=home.settings.zone
    )
    with home.session() as session:
        frame = audit_trail.frame(audit_trail.entries(session, asked))
    if as_csv:
        print(to_csv(frame), end="")
        return
    print_rows(rows(frame), as_json=as_json, empty="Nothing of that kind is in the audit trail.")


def erase_customer(
    customer_id: Annotated[str, typer.Argument(help="As the extracts have it, also where ids are pseudonyms.")],
    source: Annotated[str | None, typer.Option(help="Only contacts of this source.")] = None,
    reference: Annotated[str | None, typer.Option(help="What the request is called, for the audit trail.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Count only; erase nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person for good, from every snapshot, file and record, and search for what may be left."""
    home = Home(settings())
    with telling("erasure", quiet=as_json) as progress:
        done = privacy.erase_customer(
            home,
            customer_id,
            source=source,
            reference=reference,
            actor=home.settings.actor,
            dry_run=dry_run,
            progress=progress,
        )
    if dry_run:
        say(_numbers(done), f"Would erase {_counts(done)}.", as_json=as_json)
        return
    if home.lake.contacts.opened() is not None:
        refreshed(home, full=False, quiet=as_json)
    searched = None if source else prove(home, privacy.ids_of(home, customer_id.strip()), contacts=done.keys)
    _say_erased(done, searched, as_json=as_json)
    if searched is not None and searched.found:
        raise StoreError("The id still stands in the places listed: mend them, then erase again.")


def forget(
    older_than: Annotated[
        int | None, typer.Option(help="Whole months before this one that are kept; default: CX_KEEP_MONTHS.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Count only; forget nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget contacts of months that are not to be kept any more."""
    home = Home(settings())
    months = home.settings.keep_months if older_than is None else older_than
    with telling("forgetting", quiet=as_json) as progress:
        done = privacy.forget(home, months=months, actor=home.settings.actor, dry_run=dry_run, progress=progress)
    if done.number is not None:
        refreshed(home, full=False, quiet=as_json)
    verb = "Would forget" if dry_run else "Forgot"
    say(_numbers(done), f"{verb} {_counts(done)}, of the time before {done.before}.", as_json=as_json)


def _say_erased(done: Erasure, searched: Proof | None, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_numbers(done) | {"proof": None if searched is None else asdict(searched)}))
        return
    OUT.print(f"Erasure {done.number}: {_counts(done)} erased.", markup=False)
    if searched is None:
        OUT.print("No search: contacts of other sources may name the same id.", markup=False)
        return
    way = "value by value and byte by byte" if searched.bytewise else "value by value (too short for a search by bytes)"
    OUT.print(
        f"Searched {searched.files:,} files ({searched.bytes:,} bytes, {searched.texts:,} texts) and {searched.tables} "
        f"tables of the records, {way}: found in {len(searched.found)} places.",
        markup=False,
    )
    for place in searched.found:
        OUT.print(f"  still in {place}", markup=False)


def _numbers(done: Erasure) -> dict[str, object]:
    return {"erasure": done.number, "contacts": done.contacts, "superseded": done.superseded, "before": done.before}


def _counts(done: Erasure) -> str:
    return f"{done.contacts:,} contacts and {done.superseded:,} older versions"


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadUse(f"{option}: '{text}' is no day; write for example 2026-01-31") from None

"""What analysts do with extracts: load, list and withdraw loads, refresh the mart."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cx_metrics.cli.console import OUT, AsJson, print_rows, say, telling
from cx_metrics.cli.signals import keep_signals
from cx_metrics.config import settings
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back, take_in
from cx_metrics.store.lake.loading import LoadResult
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.marts.refresh import RefreshReport
from cx_metrics.store.records import Load


def load(
    files: Annotated[list[Path], typer.Argument(help="Extracts: CSV, TSV, XLSX, Parquet, JSON; zipped or not.")],
    source: Annotated[str, typer.Option(help="The system they come from.")],
    mapping: Annotated[str | None, typer.Option(help="A preset, a saved mapping or a TOML file.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of stamps without an offset.")] = None,
    complete_until: Annotated[datetime | None, typer.Option(help="Until when the extract is complete, in UTC.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Check only; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load extracts, print the receipt, and bring the mart up to date."""
    home = Home(settings())
    results = []
    try:
        for path in files:
            with telling(path.name, quiet=as_json) as progress:
                result = take_in(
                    home,
                    path,
                    source=source,
                    mapping=mapping,
                    timezone=timezone,
                    complete_until=complete_until,
                    dry_run=dry_run,
                    progress=progress,
                )
            results.append(result)
            _print_receipt(path, result, as_json=as_json)
    finally:
        if results and not dry_run:
            refreshed(home, full=False, quiet=as_json)
    if any(result.receipt.read and not result.receipt.accepted for result in results):
        raise typer.Exit(1)


def loads(as_json: AsJson = False) -> None:
    """The ledger of loads, newest first."""
    with Home(settings()).session() as session:
        found = [_ledger_line(row) for row in ledger.loads(session)]
    print_rows(found, as_json=as_json, empty="No load yet. Start with: python -m cx_metrics load FILE --source NAME")


def withdraw(
    load: Annotated[int, typer.Argument(help="Number of the load, as in `loads`.")], as_json: AsJson = False
) -> None:
    """Take a load back: its rows go, what it replaced comes back."""
    home = Home(settings())
    with telling(f"load {load}", quiet=as_json) as progress:
        take_back(home, load, progress=progress)
    refreshed(home, full=False, quiet=as_json)
    say({"withdrawn": load}, f"Load {load} is withdrawn.", as_json=as_json)


def refresh(
    full: Annotated[bool, typer.Option(help="Rebuild every month.")] = False,
    engine: Annotated[str | None, typer.Option(help="duckdb or sc://host:port, instead of CX_ENGINE.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the mart up to date with the lake."""
    own = settings() if engine is None else settings(engine=engine)
    report = refreshed(Home(own), full=full, quiet=as_json)
    months = list(report.months_rebuilt)
    say(
        {"months": months, "full": report.full},
        f"Rebuilt {len(months)} month{'s' * (len(months) != 1)}." if months else "Nothing had changed.",
        as_json=as_json,
    )


def demo(as_json: AsJson = False) -> None:
    """Fill an empty home with the demo company."""
    from cx_metrics.demo import COMPANY
    from cx_metrics.demo.filling import fill

    home = Home(settings())
    with telling("demo company", quiet=as_json) as progress:
        filled = fill(home, progress=progress)
    if filled:
        refreshed(home, full=False, quiet=as_json)
    text = f"{COMPANY} is loaded." if filled else "The home already has loads; the demo company was not added."
    say({"loaded": filled}, text, as_json=as_json)


def refreshed(home: Home, *, full: bool, quiet: bool) -> RefreshReport:

    with telling("refresh", quiet=quiet) as progress:
        report = bring_up_to_date(home, full=full, progress=progress)
        keep_signals(home)
        return report


def _receipt(result: LoadResult) -> dict[str, Any]:
    receipt = result.receipt
    return {
        "load": result.load,
        "read": receipt.read,
        "accepted": receipt.accepted,
        "merged": receipt.merged,
        "dropped": receipt.dropped,
        "rejected": receipt.rejected,
        "rejects_file": str(result.rejects_file) if result.rejects_file else None,
        "added": result.added,
        "replaced": result.replaced,
        "unchanged": result.unchanged,
    }


def _print_receipt(path: Path, result: LoadResult, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_receipt(result), ensure_ascii=False))
        return
    number = "Dry run" if result.load is None else f"Load {result.load}"
    receipt = result.receipt
    OUT.print(
        f"{number}: {path.name}\n"
        f"  {receipt.read:,} read = {receipt.accepted:,} accepted + {receipt.merged:,} merged "
        f"+ {receipt.dropped:,} dropped + {receipt.rejected:,} rejected\n"
        f"  {result.added:,} new, {result.replaced:,} replaced, {result.unchanged:,} unchanged",
        markup=False,
    )
    if result.rejects_file:
        OUT.print(f"  rejected rows with reasons: {result.rejects_file}", markup=False)
    for use in result.uses:
        if use.note:
            OUT.print(f"  note: {use.header or use.field}: {use.note}", markup=False)


def _ledger_line(row: Load) -> dict[str, Any]:
    return {
        "load": row.id,
        "state": row.state,
        "source": row.source,
        "file": row.file,
        "mapping": row.mapping,
        "at": row.at.isoformat(timespec="seconds"),
        "by": row.actor,
        "read": row.read,
        "accepted": row.accepted,
        "merged": row.merged,
        "dropped": row.dropped,
        "rejected": row.rejected,
        "complete_until": row.complete_until.isoformat() if row.complete_until else None,
    }

"""The command line: ``python -m cx_metrics ...``. Prints for people, and JSON with ``--json``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from cx_metrics.config import settings
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import CxError
from cx_metrics.metrics import output
from cx_metrics.metrics.catalogue import METRICS
from cx_metrics.metrics.catalogue import metric as compute
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.slice import Slice
from cx_metrics.store import ledger
from cx_metrics.store.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.home import Home
from cx_metrics.store.intake import take_back, take_in
from cx_metrics.store.loading import LoadResult
from cx_metrics.store.records import Load
from cx_metrics.store.refresh import RefreshReport

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="CX Insight: why customers contact us, from ticket extracts.",
)
_OUT = Console(highlight=False, soft_wrap=True)
_ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
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
            with _telling(path.name, quiet=as_json) as progress:
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
            _refresh(home, full=False, quiet=as_json)
    if any(result.receipt.read and not result.receipt.accepted for result in results):
        raise typer.Exit(1)


@app.command()
def loads(as_json: AsJson = False) -> None:
    """The ledger of loads, newest first."""
    with Home(settings()).session() as session:
        found = [_ledger_line(row) for row in ledger.loads(session)]
    _print_rows(found, as_json=as_json, empty="No load yet. Start with: python -m cx_metrics load FILE --source NAME")


@app.command()
def withdraw(
    load: Annotated[int, typer.Argument(help="Number of the load, as in `loads`.")], as_json: AsJson = False
) -> None:
    """Take a load back: its rows go, what it replaced comes back."""
    home = Home(settings())
    with _telling(f"load {load}", quiet=as_json) as progress:
        take_back(home, load, progress=progress)
    _refresh(home, full=False, quiet=as_json)
    _say({"withdrawn": load}, f"Load {load} is withdrawn.", as_json=as_json)


@app.command()
def refresh(full: Annotated[bool, typer.Option(help="Rebuild every month.")] = False, as_json: AsJson = False) -> None:
    """Bring the mart up to date with the lake."""
    report = _refresh(Home(settings()), full=full, quiet=as_json)
    months = list(report.months_rebuilt)
    _say(
        {"months": months, "full": report.full},
        f"Rebuilt {len(months)} month{'s' * (len(months) != 1)}." if months else "Nothing had changed.",
        as_json=as_json,
    )


@app.command()
def metric(
    name: Annotated[str, typer.Argument(help="A name from `metrics`.")],
    from_on: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    by: Annotated[str | None, typer.Option(help="Dimensions, separated by commas.")] = None,
    grain: Annotated[str | None, typer.Option(help="day, week or month.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="DIMENSION=VALUE; may be repeated.")] = None,
    window: Annotated[str | None, typer.Option(help="1, 3, 7, 14 or 30 days.")] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as the pages offer it.")] = False,
) -> None:
    """A metric's rows, as the pages show them."""

    asked = Slice.parse(from_on=from_on, to_on=to_on, by=by, grain=grain, where=where or (), window=window)
    _print_frame(compute(fresh_mart(Home(settings())), name, asked), asked, as_json=as_json, as_csv=as_csv)


@app.command()
def chart(
    name: Annotated[str, typer.Argument(help="trend, pareto, movers, intents, windows or distribution.")],
    from_on: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    by: Annotated[str | None, typer.Option(help="Dimensions, separated by commas.")] = None,
    grain: Annotated[str | None, typer.Option(help="day, week or month; for trend.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="DIMENSION=VALUE; may be repeated.")] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as the pages offer it.")] = False,
) -> None:
    """The rows that a chart or table of the pages draws."""
    asked = Slice.parse(from_on=from_on, to_on=to_on, by=by, grain=grain, where=where or ())
    _print_frame(chart_data(fresh_mart(Home(settings())), name, asked), asked, as_json=as_json, as_csv=as_csv)


@app.command()
def metrics(as_json: AsJson = False) -> None:
    """The catalogue: name, unit and definition of every metric."""
    found = [{"name": m.name, "unit": m.unit, "definition": m.definition} for m in METRICS.values()]
    _print_rows(found, as_json=as_json, empty="")


@app.command()
def demo(as_json: AsJson = False) -> None:
    """Fill an empty home with the demo company."""
    from cx_metrics.demo import COMPANY
    from cx_metrics.demo.filling import fill

    home = Home(settings())
    with _telling("demo company", quiet=as_json) as progress:
        filled = fill(home, progress=progress)
    if filled:
        _refresh(home, full=False, quiet=as_json)
    text = f"{COMPANY} is loaded." if filled else "The home already has loads; the demo company was not added."
    _say({"loaded": filled}, text, as_json=as_json)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open the dashboard."""
    script = Path(__file__).resolve().parent.parent / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.port={port}", f"--server.address={address}"]
    raise typer.Exit(subprocess.call([*command, *options], cwd=script.parent))


@contextmanager
def _telling(what: str, *, quiet: bool) -> Iterator[Progress]:
    """A progress line on standard error while a long piece of work runs."""
    if quiet:
        yield silent
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=_ERRORS, transient=True, disable=not _ERRORS.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)

        def progress(step: str, share: float) -> None:
            bar.update(task, description=f"{what}: {step}", completed=share)

        yield progress


def _refresh(home: Home, *, full: bool, quiet: bool) -> RefreshReport:

    with _telling("refresh", quiet=quiet) as progress:
        return bring_up_to_date(home, full=full, progress=progress)


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
    _OUT.print(
        f"{number}: {path.name}\n"
        f"  {receipt.read:,} read = {receipt.accepted:,} accepted + {receipt.merged:,} merged "
        f"+ {receipt.dropped:,} dropped + {receipt.rejected:,} rejected\n"
        f"  {result.added:,} new, {result.replaced:,} replaced, {result.unchanged:,} unchanged",
        markup=False,
    )
    if result.rejects_file:
        _OUT.print(f"  rejected rows with reasons: {result.rejects_file}", markup=False)
    for use in result.uses:
        if use.note:
            _OUT.print(f"  note: {use.header or use.field}: {use.note}", markup=False)


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


def _print_rows(found: Sequence[Mapping[Any, object]], *, as_json: bool, empty: str) -> None:
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=_json))
    elif not found:
        _OUT.print(empty, markup=False)
    else:
        table = Table(*(str(name) for name in found[0]), box=box.SIMPLE_HEAD)
        for row in found:
            table.add_row(*(Text(_shown(cell)) for cell in row.values()))
        _OUT.print(table)


def _print_frame(frame: pd.DataFrame, asked: Slice, *, as_json: bool, as_csv: bool) -> None:
    if as_csv:
        sys.stdout.write(output.to_csv(frame))
    else:
        _print_rows(output.rows(frame), as_json=as_json, empty=f"No rows: {asked.sentence()}.")


def _say(data: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        _OUT.print(sentence, markup=False)


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)


def _json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def main() -> None:
    """Run the command line; what went wrong goes to standard error as a sentence, with exit status 1 or 2."""
    try:
        app()
    except CxError as error:
        _ERRORS.print(str(error), markup=False)
        sys.exit(error.exit_status)

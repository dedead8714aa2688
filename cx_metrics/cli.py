"""The command line: ``python -m cx_metrics ...``. Prints for people, and JSON with ``--json``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from cx_metrics import cause_cli, effect_cli, message_cli, statement_cli
from cx_metrics.alerts_cli import alerts_app
from cx_metrics.config import settings
from cx_metrics.console import OUT as _OUT
from cx_metrics.console import AsJson
from cx_metrics.console import print_rows as _print_rows
from cx_metrics.console import say as _say
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import BadInput, BadUse, CxError
from cx_metrics.metrics import forecasts, output
from cx_metrics.metrics.catalogue import METRICS
from cx_metrics.metrics.catalogue import metric as compute
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.selection import check_filters
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.briefing import briefing
from cx_metrics.review_cli import review_app
from cx_metrics.signal_cli import keep_signals, signals
from cx_metrics.store import ledger, records_file
from cx_metrics.store.freshness import bring_up_to_date, decided, fresh_mart
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
records_app = typer.Typer(no_args_is_help=True, help="What people decided, as one TOML file.")
app.add_typer(records_app, name="records")
app.add_typer(alerts_app, name="alerts")
review_app.command()(effect_cli.effect)
for each in (cause_cli.causes, cause_cli.cause, cause_cli.candidates):
    review_app.command()(each)
app.add_typer(review_app, name="review")
for command in (statement_cli.statement, statement_cli.dispute, statement_cli.disputes, statement_cli.settle):
    app.command()(command)
app.command()(message_cli.notify)
app.command()(signals)
_STREAM = Path("-")
_ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)


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
    unit: Annotated[str | None, typer.Option(help="What contacts are divided by, for cpx.")] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as the pages offer it.")] = False,
) -> None:
    """A metric's rows, as the pages show them."""

    asked = Slice.parse(from_on=from_on, to_on=to_on, by=by, grain=grain, where=where or (), window=window, unit=unit)
    _print_frame(compute(fresh_mart(Home(settings())), name, asked), asked, as_json=as_json, as_csv=as_csv)


@app.command()
def chart(
    name: Annotated[str, typer.Argument(help="Name of the chart's CSV file, e.g. trend; a wrong one lists all.")],
    from_on: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    by: Annotated[str | None, typer.Option(help="Dimensions, separated by commas.")] = None,
    grain: Annotated[str | None, typer.Option(help="day, week or month; for trend.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="DIMENSION=VALUE; may be repeated.")] = None,
    unit: Annotated[str | None, typer.Option(help="What contacts are divided by, for cpx charts.")] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as the pages offer it.")] = False,
) -> None:
    """The rows that a chart or table of the pages draws."""
    asked = Slice.parse(from_on=from_on, to_on=to_on, by=by, grain=grain, where=where or (), unit=unit)
    _print_frame(chart_data(fresh_mart(Home(settings())), name, asked), asked, as_json=as_json, as_csv=as_csv)


@app.command()
def brief(
    from_on: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="DIMENSION=VALUE; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """How things stand against the days before, in sentences; without days, of the last four full weeks."""
    asked = Slice.parse(from_on=from_on, to_on=to_on, where=where or ())
    told = briefing(fresh_mart(Home(settings())), asked)
    _say(told.data(), str(told), as_json=as_json)


@app.command()
def forecast(
    intent: Annotated[str | None, typer.Option(help="Of this intent; else of all contacts together.")] = None,
    cost: Annotated[bool, typer.Option("--cost", help="In money instead of contacts.")] = False,
    totals: Annotated[bool, typer.Option("--totals", help="The next 4 and 13 weeks of every intent.")] = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as the pages offer it.")] = False,
) -> None:
    """The coming weeks as the last refresh forecast them, with ranges."""
    if totals and (intent or cost):
        raise BadUse("--totals are the contacts of every intent: leave --intent and --cost out")
    home = Home(settings())
    mart, found = fresh_mart(home), forecasts.open_forecasts(home.forecast)
    asked = Slice.parse(where=[f"intent={intent}"] if intent else ())
    check_filters(mart, asked)
    if totals:
        frame = forecasts.forecast_totals(found)
    else:
        frame = forecasts.forecast_cost(mart, found, intent) if cost else forecasts.forecast_weeks(found, intent)
    _print_frame(frame, asked, as_json=as_json, as_csv=as_csv)


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


@records_app.command("import")
def import_records(
    file: Annotated[Path, typer.Argument(help="A records file, or a CSV of name, on and units; - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Decide what a records file says: adds and updates, removes nothing; all of it or nothing."""
    home = Home(settings())
    origin = "from standard input" if file == _STREAM else file.name
    piped = records_file.decoded(sys.stdin.buffer.read(), origin=origin) if file == _STREAM else None
    text = records_file.read_text(file) if piped is None else piped
    with home.session() as session:
        saved = records_file.import_records(session, text, origin=origin, actor=home.settings.actor)
    counts = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
    said = ", ".join(f"{number} {what}" for what, number in counts.items())
    _say(counts, f"{said}. An import removes nothing.", as_json=as_json)


@records_app.command("export")
def export_records(
    file: Annotated[Path, typer.Argument(help="Where to; - for standard output.")], as_json: AsJson = False
) -> None:
    """Write intents, owners, targets, rates, units of X and alerts as one TOML file."""
    if file == _STREAM and as_json:
        raise BadUse("The records go to standard output as TOML: leave --json out, or name a file.")
    present = decided(Home(settings()))
    text = records_file.to_toml(present)
    if file == _STREAM:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"The records can't be written to {file}: {error.strerror}.") from error
    counts = {name: len(getattr(present, name)) for name in ("intents", "rates", "x_units", "alerts")}
    _say(counts, f"{file}: " + ", ".join(f"{number} {what}" for what, number in counts.items()), as_json=as_json)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open the dashboard."""
    script = Path(__file__).resolve().parent.parent / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.port={port}", f"--server.address={address}"]
    # Models are small: more threads than processors would only wait for each other.
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    raise typer.Exit(subprocess.call([*command, *options], cwd=script.parent, env=environment))


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


def _print_frame(frame: pd.DataFrame, asked: Slice, *, as_json: bool, as_csv: bool) -> None:
    if as_csv:
        sys.stdout.write(output.to_csv(frame))
    else:
        _print_rows(output.rows(frame), as_json=as_json, empty=f"No rows: {asked.sentence()}.")


def main() -> None:
    """Run the command line; what went wrong goes to standard error as a sentence, with exit status 1 or 2."""
    try:
        app()
    except CxError as error:
        _ERRORS.print(str(error), markup=False)
        sys.exit(error.exit_status)

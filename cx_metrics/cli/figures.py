"""The numbers that pages show: metrics, charts, the brief, the forecast."""

from __future__ import annotations

import sys
from typing import Annotated

import pandas as pd
import typer

from cx_metrics.cli.console import AsJson, print_rows, say
from cx_metrics.config import settings
from cx_metrics.errors import BadUse
from cx_metrics.metrics import output
from cx_metrics.metrics.catalogue import METRICS
from cx_metrics.metrics.catalogue import metric as compute
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.reasons import forecasts
from cx_metrics.metrics.selection import check_filters
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.briefing import briefing
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart


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
    print_frame(compute(fresh_mart(Home(settings())), name, asked), asked, as_json=as_json, as_csv=as_csv)


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
    print_frame(chart_data(fresh_mart(Home(settings())), name, asked), asked, as_json=as_json, as_csv=as_csv)


def brief(
    from_on: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to_on: Annotated[str | None, typer.Option("--to", help="Last day, inclusive.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="DIMENSION=VALUE; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """How things stand against the days before, in sentences; without days, of the last four full weeks."""
    asked = Slice.parse(from_on=from_on, to_on=to_on, where=where or ())
    told = briefing(fresh_mart(Home(settings())), asked)
    say(told.data(), str(told), as_json=as_json)


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
    print_frame(frame, asked, as_json=as_json, as_csv=as_csv)


def metrics(as_json: AsJson = False) -> None:
    """The catalogue: name, unit and definition of every metric."""
    found = [{"name": m.name, "unit": m.unit, "definition": m.definition} for m in METRICS.values()]
    print_rows(found, as_json=as_json, empty="")


def print_frame(frame: pd.DataFrame, asked: Slice, *, as_json: bool, as_csv: bool) -> None:
    if as_csv:
        sys.stdout.write(output.to_csv(frame))
    else:
        print_rows(output.rows(frame), as_json=as_json, empty=f"No rows: {asked.sentence()}.")

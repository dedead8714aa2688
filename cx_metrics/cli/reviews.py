"""Commands about pause-and-investigate reviews: flag an intent, see where reviews stand, take the next step."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cx_metrics.cli.console import OUT, AsJson, print_rows, say
from cx_metrics.config import settings
from cx_metrics.errors import BadUse
from cx_metrics.reviews import workflow
from cx_metrics.reviews.clocks import clocks, usual_clocks
from cx_metrics.reviews.evidence import evidence, recent_contacts
from cx_metrics.reviews.signals import Signal, current
from cx_metrics.reviews.verdicts import verdicts
from cx_metrics.reviews.workflow import CLOSED, Review, Severity, State, Step, as_state
from cx_metrics.store import ledger
from cx_metrics.store.decided.statements import UNOWNED
from cx_metrics.store.home import Home
from cx_metrics.store.lake.drilldown import Drilldown
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.marts.mart import Mart, read_manifest
from cx_metrics.store.people import contact_log
from cx_metrics.store.records import ReviewVerdict

review_app = typer.Typer(no_args_is_help=True, help="Pause and investigate: flag an intent, and see it through.")
Number = Annotated[int, typer.Argument(help="Number of the review, as in `review list`.")]
_OPEN = tuple(state for state in State if state not in CLOSED)
_NUMBERS = ("metric", "value", "low", "high", "n", "reason")


@review_app.command()
def flag(
    intent: Annotated[str, typer.Argument(help="Why customers contact you, as contacts have it.")],
    reason: Annotated[str | None, typer.Option(help="What is wrong, in a sentence; else what the signal says.")] = None,
    from_signal: Annotated[bool, typer.Option("--signal", help="Keep the intent's present signal with it.")] = False,
    pause: Annotated[
        str | None, typer.Option(help="What exactly is paused: a sale, a mailing, a release; else it is notify only.")
    ] = None,
    resume_when: Annotated[str | None, typer.Option(help="What has to be true before the pause ends.")] = None,
    acknowledge_by: Annotated[datetime | None, typer.Option(help="In UTC; else in 4 hours, or 1 day.")] = None,
    decide_by: Annotated[datetime | None, typer.Option(help="In UTC; else in 2 days, or 7.")] = None,
    as_json: AsJson = False,
) -> None:
    """Flag an intent: its numbers and newest contacts are kept as evidence."""
    home = Home(settings())
    mart = fresh_mart(home)
    severity = Severity.NOTIFY if pause is None else Severity.PAUSE
    usual = usual_clocks(severity, ledger.utc_now())
    signal = _signal(home, mart, intent) if from_signal else None
    contacts = recent_contacts(_drilldown(home), mart, intent)
    with home.session() as session:
        made = workflow.flag(
            session,
            mart=mart,
            intent=intent,
            severity=severity,
            paused_what=pause,
            reason=reason or (signal.sentence if signal else ""),
            signal=signal,
            acknowledge_by=acknowledge_by or usual[0],
            decide_by=decide_by or usual[1],
            resume_when=resume_when,
            actor=home.settings.actor,
            contact_ids=contacts,
        )
    say(_data(made), f"Review {made.id} of '{made.intent}' is open: {_clock(made)}.", as_json=as_json)


@review_app.command("list")
def list_reviews(
    state: Annotated[str | None, typer.Option(help="Only those in this state; open: all that are not over.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only this owner's, by name or e-mail.")] = None,
    as_json: AsJson = False,
) -> None:
    """Reviews, newest first, with the clock that runs out next."""
    wanted = None if state is None else _OPEN if state == "open" else (as_state(state),)
    with Home(settings()).session() as session:
        found = workflow.reviews(session, states=wanted, owner=owner)
    lines = [_data(each) if as_json else _line(each) for each in found]
    print_rows(lines, as_json=as_json, empty="No review yet. Flag an intent with: review flag INTENT --reason TEXT")


@review_app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """One review in full: where it stands, its history, its verdicts, and what was known when it was flagged."""
    home = Home(settings())
    with home.session() as session:
        found = workflow.review(session, number)
        history = [_step(each) for each in workflow.history(session, number)]
        kept, judged = evidence(session, number), [_verdict(row) for row in verdicts(session, number)]
        if as_json and (rows := len(kept["contacts"])):
            about = {"review": number}
            contact_log.shown(session, "contacts kept as evidence", rows=rows, about=about, actor=home.settings.actor)
    if as_json:
        say(_data(found) | {"history": history, "verdicts": judged, "evidence": kept}, "", as_json=True)
        return
    for name, value in _data(found).items():
        if value is not None and name not in ("signal", "next_states"):
            OUT.print(f"{name.replace('_', ' ')}: {value}", markup=False)
    OUT.print(f"next: {', '.join(found.next_states)}; {_clock(found) or 'no clock runs'}", markup=False)
    print_rows(history, as_json=False, empty="")
    print_rows(judged, as_json=False, empty="No verdict yet.")
    OUT.print(f"Known when it was flagged, of {kept['from_on']} to {kept['to_on']}:", markup=False)
    print_rows([{name: row[name] for name in _NUMBERS} for row in kept["numbers"]], as_json=False, empty="")
    OUT.print(f"{len(kept['contacts'])} contacts are kept as evidence.", markup=False)


@review_app.command()
def step(
    number: Number,
    state: Annotated[str, typer.Argument(help="Where it goes: acknowledged, paused, investigating, ...")],
    note: Annotated[str, typer.Option(help="Why, in a sentence.")],
    fixed_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day the fix went live; with fixing or resumed.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="Of the review as you saw it: refused if somebody took a step since.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a review one step on; only allowed steps."""
    home = Home(settings())
    with home.session() as session:
        made = workflow.step(
            session,
            number,
            to=as_state(state),
            note=note,
            actor=home.settings.actor,
            version=workflow.review(session, number).version if version is None else version,
            fixed_on=fixed_on.date() if fixed_on else None,
        )
    say(_data(made), f"Review {made.id} of '{made.intent}' is {made.state}.", as_json=as_json)


def _signal(home: Home, mart: Mart, intent: str) -> Signal:
    """The loudest present signal about an intent."""
    for signal in current(home, mart):
        if signal.intent == intent:
            return signal
    raise BadUse(f"there is no signal about '{intent}' now: `signals` lists them. Say --reason instead of --signal.")


def _drilldown(home: Home) -> Drilldown:
    manifest = read_manifest(home.mart)
    assert manifest is not None
    return Drilldown(manifest.lake_files, zone=home.settings.zone)


def _data(made: Review) -> dict[str, Any]:
    """Everything about a review, times in ISO 8601."""
    return {name: _iso(value) for name, value in asdict(made).items()} | {"next_states": list(made.next_states)}


def _line(made: Review) -> dict[str, Any]:
    return {
        "review": made.id,
        "state": made.state,
        "severity": made.severity,
        "intent": made.intent,
        "owner": made.owner or UNOWNED,
        "flagged": f"{made.flagged_at:%Y-%m-%d} by {made.flagged_by}",
        "clock": _clock(made),
    }


def _clock(made: Review) -> str:
    running = clocks(made)
    return running[0].sentence(ledger.utc_now()) if running else ""


def _step(each: Step) -> dict[str, Any]:
    return {name: _iso(value) for name, value in asdict(each).items()}


def _verdict(row: ReviewVerdict) -> dict[str, Any]:
    return {"verdict": row.kind, "judged_on": _iso(row.judged_on), "at": _iso(row.at), "by": row.actor}


def _iso(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value

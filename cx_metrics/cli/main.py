"""Every command of ``python -m cx_metrics ...``, and what is said when one can't do its work."""

from __future__ import annotations

import socket
import sys

import typer

from cx_metrics.cli import causes, contacts, effects, figures, keeping, messages, privacy, serving, signals, statements
from cx_metrics.cli.alerts import alerts_app
from cx_metrics.cli.console import ERRORS
from cx_metrics.cli.records import records_app
from cx_metrics.cli.reviews import review_app
from cx_metrics.errors import CxError
from cx_metrics.store.people.origin import acting_from

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="CX Insight: why customers contact us, from ticket extracts.",
)
_COMMANDS = (
    contacts.load,
    contacts.loads,
    contacts.withdraw,
    contacts.refresh,
    figures.metric,
    figures.chart,
    figures.brief,
    figures.forecast,
    figures.metrics,
    signals.signals,
    statements.statement,
    statements.dispute,
    statements.disputes,
    statements.settle,
    messages.notify,
    privacy.audit,
    privacy.erase_customer,
    privacy.forget,
    keeping.doctor,
    keeping.backup,
    keeping.restore,
    contacts.demo,
    serving.serve,
)
_OF_A_REVIEW = (effects.effect, causes.causes, causes.cause, causes.candidates)

for command in _COMMANDS:
    app.command()(command)
for each in _OF_A_REVIEW:
    review_app.command()(each)
app.add_typer(records_app, name="records")
app.add_typer(alerts_app, name="alerts")
app.add_typer(review_app, name="review")


def main() -> None:
    """Run the command line; what went wrong goes to standard error as a sentence, with exit status 1 or 2."""
    try:
        with acting_from(f"command line on {socket.gethostname()}"):
            app()
    except CxError as error:
        ERRORS.print(str(error), markup=False)
        sys.exit(error.exit_status)

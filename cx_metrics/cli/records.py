"""What people decided, as one TOML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cx_metrics.cli.console import AsJson, say
from cx_metrics.config import settings
from cx_metrics.errors import BadInput, BadUse
from cx_metrics.store.decided import records_file
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import decided

records_app = typer.Typer(no_args_is_help=True, help="What people decided, as one TOML file.")
_STREAM = Path("-")


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
    say(counts, f"{said}. An import removes nothing.", as_json=as_json)


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
    say(counts, f"{file}: " + ", ".join(f"{number} {what}" for what, number in counts.items()), as_json=as_json)

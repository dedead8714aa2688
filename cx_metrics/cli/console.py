"""What commands print: rows as a table, or JSON; and how far a long one is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from cx_metrics.contacts.progress import Progress, silent

# What is piped to a file or another program is not folded to the width of a screen.
OUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 1000)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, as the pages offer it.")]


def print_rows(found: Sequence[Mapping[Any, object]], *, as_json: bool, empty: str) -> None:
    """Rows as a table or as a JSON list; without any, a sentence instead of the table."""
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=_json))
    elif not found:
        OUT.print(empty, markup=False)
    else:
        table = Table(*(str(name) for name in found[0]), box=box.SIMPLE_HEAD)
        for row in found:
            table.add_row(*(Text(_shown(cell)) for cell in row.values()))
        OUT.print(table)


def say(data: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """What was done: a sentence, or a JSON object."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, default=_json))
    else:
        OUT.print(sentence, markup=False)


@contextmanager
def telling(what: str, *, quiet: bool) -> Iterator[Progress]:
    """A progress line on standard error while a long piece of work runs."""
    if quiet:
        yield silent
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)

        def progress(step: str, share: float) -> None:
            bar.update(task, description=f"{what}: {step}", completed=share)

        yield progress


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)


def _json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")

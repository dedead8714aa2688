"""What commands print: rows as a table, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

# What is piped to a file or another program is not folded to the width of a screen.
OUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 1000)
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


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)


def _json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")

"""Keeping a home: what is wrong with it, a copy of it, and a home from a copy."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cx_metrics.cli.console import ERRORS, OUT, AsJson, say, telling
from cx_metrics.cli.contacts import refreshed
from cx_metrics.config import settings
from cx_metrics.keeping.backup import back_up
from cx_metrics.keeping.doctor import examine, mend
from cx_metrics.keeping.finding import Finding, Weight
from cx_metrics.keeping.restore import restore as restore_backup
from cx_metrics.store.home import Home
from cx_metrics.store.people import contact_log


def doctor(
    repair: Annotated[bool, typer.Option(help="Do what is safe first: finish interrupted work, compute anew.")] = False,
    quick: Annotated[bool, typer.Option(help="Leave out the fresh computation of the mart.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything the home holds; what is wrong, and what mends it."""
    home = Home(settings())
    with telling("doctor", quiet=as_json) as progress:
        if repair:
            mend(home, progress=progress)
        found = examine(home, quick=quick, progress=progress)
    if as_json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False))
    else:
        for each in found:
            OUT.print(_told(each), markup=False)
        if not found:
            OUT.print(f"Nothing is wrong with {home.folder}.", markup=False)
    if any(each.weight is Weight.WRONG for each in found):
        raise typer.Exit(1)


def backup(
    target: Annotated[Path, typer.Argument(help="A folder that isn't there yet, or a .zip file.")],
    as_json: AsJson = False,
) -> None:
    """Copy records, lake and rejected rows while people work; the copy is read again and compared."""
    home = Home(settings())
    with telling("backup", quiet=as_json) as progress:
        done = back_up(home, target, progress=progress)
    with home.session() as session:
        about = {"file": done.path.name}
        contact_log.handed_out(session, "backup", rows=done.contacts, about=about, actor=home.settings.actor)
    text = (
        f"{done.path}: {done.loads} loads, {done.contacts:,} contacts, {done.files} files, {done.bytes / 1e6:,.1f} MB; "
        "read again, all checksums agree."
    )
    say(asdict(done) | {"path": str(done.path)}, text, as_json=as_json)


def restore(
    backup: Annotated[Path, typer.Argument(help="The folder or .zip file that `backup` wrote.")],
    replace: Annotated[bool, typer.Option(help="Into a home that holds something: all of it goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fill an empty home, with its records in either kind of database, from a backup; then refresh."""
    home = Home(settings())
    with telling("restore", quiet=as_json) as progress:
        contents = restore_backup(home, backup, actor=home.settings.actor, replace=replace, progress=progress)
    if home.lake.contacts.files():
        refreshed(home, full=False, quiet=as_json)
    for name in ("timezone", "currency"):
        before, now = getattr(contents, name), getattr(home.settings, name)
        if before != now:
            ERRORS.print(f"The backup is of a home with CX_{name.upper()}={before}; here it is {now}.", markup=False)
    text = f"{contents.loads} loads, {contents.contacts:,} contacts as of {contents.made_at:%Y-%m-%d %H:%M} UTC."
    say({"loads": contents.loads, "contacts": contents.contacts}, text, as_json=as_json)


def _told(each: Finding) -> str:
    return f"{each.weight.upper()}  {each.check}: {each.where}\n  {each.what}\n  -> {each.mend}"

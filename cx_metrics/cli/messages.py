"""The command that tells people about reviews."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cx_metrics.cli.console import OUT, AsJson, print_rows, say
from cx_metrics.config import settings
from cx_metrics.reviews.channels import channels
from cx_metrics.reviews.messages import notify as send_news
from cx_metrics.reviews.messages import undelivered
from cx_metrics.store.home import Home
from cx_metrics.store.records import Message


def notify(as_json: AsJson = False) -> None:
    """Tell owners of flags, of clocks that run out and of verdicts; to be run every few minutes."""
    home = Home(settings())
    told = send_news(home)
    with home.session() as session:
        problems = [_line(row) for row in undelivered(session)]
    sentence = f"{told.queued} new, {told.sent} sent, {told.failed} failed, {told.given_up} given up."
    if not channels(home.settings):
        sentence = "Nobody is told: CX_NOTIFY_URLS names no address."
    say(asdict(told) | {"undelivered": problems}, sentence, as_json=as_json)
    if problems and not as_json:
        OUT.print("Not delivered:", markup=False)
        print_rows(problems, as_json=False, empty="")


def _line(row: Message) -> dict[str, Any]:
    return {
        "review": row.review_id,
        "message": row.title,
        "through": row.service,
        "state": row.state,
        "tries": row.n_tries,
        "error": row.error,
        "next_try_at": row.next_try_at.isoformat(timespec="seconds") if row.next_try_at else None,
    }

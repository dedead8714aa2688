"""The command that tells whether the fix or the pause of a review helped."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from cx_metrics.cli.console import AsCsv, AsJson, say
from cx_metrics.config import settings
from cx_metrics.errors import BadUse
from cx_metrics.metrics.output import to_csv
from cx_metrics.reviews import workflow
from cx_metrics.reviews.effect import record_verdict
from cx_metrics.reviews.effect_question import answer, answer_frame, question
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart


def effect(
    number: Annotated[int, typer.Argument(help="Number of the review, as in `review list`.")],
    record: Annotated[bool, typer.Option(help="Keep the verdict with the review.")] = False,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Did it help? What the fix of a review changed, or its pause, against intents that nobody touched."""
    home = Home(settings())
    mart = fresh_mart(home)
    with home.session() as session:
        asked = question(home, session, mart, workflow.review(session, number))
        if asked is None:
            raise BadUse(f"review {number} has neither a fix nor a pause yet: there is nothing to judge.")
        judged = answer(mart, asked)
        if record:
            record_verdict(session, number, judged, actor=home.settings.actor)
    if as_csv:
        sys.stdout.write(to_csv(answer_frame(mart, asked)))
        return
    kept = f" Recorded with review {number}." if record else ""
    say(asdict(judged), f"{judged.sentence}{kept}", as_json=as_json)

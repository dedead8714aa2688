"""Commands about the causes of a review: its fishbone, a cause noted or changed, and what the data offers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from cx_metrics.cli.console import OUT, AsJson, print_rows, say
from cx_metrics.config import settings
from cx_metrics.errors import BadUse
from cx_metrics.metrics.output import rows
from cx_metrics.reviews import candidates as offers
from cx_metrics.reviews import causes as noted
from cx_metrics.reviews import workflow
from cx_metrics.reviews.causes import Cause, CauseState
from cx_metrics.reviews.evidence import evidence
from cx_metrics.reviews.voices import voices
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.records import ReviewNote

Number = Annotated[int, typer.Argument(help="Number of the review, as in `review list`.")]
_PEOPLE = ("cause", "bone", "text", "state", "contacts", "whys", "origin", "version")


def causes(number: Number, as_json: AsJson = False) -> None:
    """The fishbone of a review: its causes by bone, and what agents and customers say."""
    with Home(settings()).session() as session:
        workflow.review(session, number)
        in_order = sorted(noted.fishbone(session, number), key=lambda each: _place(each.bone))
        found = [_cause(each) for each in in_order]
        said = [_voice(row) for row in voices(session, number)]
    if as_json:
        say({"review": number, "causes": found, "voices": said}, "", as_json=True)
        return
    lines = [{name: row[name] for name in _PEOPLE} | {"whys": " → ".join(row["whys"])} for row in found]
    print_rows(lines, as_json=False, empty=f"No cause yet. Note one with: review cause {number} BONE TEXT")
    for row in said:
        OUT.print(f"{row['voice']}: {row['said']}", markup=False)


def cause(
    number: Number,
    bone: Annotated[str, typer.Argument(help=f"{', '.join(noted.BONES)}, or one of your own.")],
    text: Annotated[str, typer.Argument(help="What the cause is, in a sentence.")],
    state: Annotated[str | None, typer.Option(help="suspected (the usual), confirmed or ruled out.")] = None,
    contacts: Annotated[int | None, typer.Option(help="How many contacts it is about.")] = None,
    why: Annotated[list[str] | None, typer.Option(help="Why that is so; again for the why behind it, up to 5.")] = None,
    change: Annotated[int | None, typer.Option(help="Number of a cause to change instead of noting a new one.")] = None,
    version: Annotated[
        int | None, typer.Option(help="Of the cause as you saw it: refused if somebody changed it since.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Note a cause on a bone of a review, or change one; what is not given stays as it is."""
    home = Home(settings())
    given: dict[str, Any] = {"bone": bone, "text": text, "actor": home.settings.actor}
    with home.session() as session:
        if change is None:
            usual = state or CauseState.SUSPECTED
            made = noted.add_cause(session, number, **given, state=usual, contacts=contacts, whys=why or ())
        else:
            old = _present(session, number, change)
            made = noted.change_cause(
                session,
                change,
                **given,
                version=old.version if version is None else version,
                state=state or old.state,
                contacts=old.contacts if contacts is None else contacts,
                contact_ids=old.contact_ids,
                whys=why or old.whys,
            )
    say(_cause(made), f"Cause {made.id} of review {number} is {made.state}.", as_json=as_json)


def candidates(number: Number, as_json: AsJson = False) -> None:
    """What the data offers as causes: associations to look into, with points and interval, never proof."""
    home = Home(settings())
    with home.session() as session:
        review, kept = workflow.review(session, number), evidence(session, number)
    days = offers.periods(review, kept)
    if days is None:
        raise BadUse(f"review {number} has no days to look at: there was no data when it was flagged")
    mart = fresh_mart(home)
    found, thin = offers.candidates(mart, review.intent, *days), offers.why_thin(mart, review.intent, *days)
    if as_json:
        say({"review": number, "candidates": rows(found), "reasons": list(thin)}, "", as_json=True)
        return
    for row in rows(found):
        OUT.print(f"{row['kind']}: {row['sentence']}", markup=False)
    for reason in thin:
        OUT.print(reason, markup=False)
    if found.empty and not thin:
        OUT.print("Nothing stands out.", markup=False)


def _present(session: Session, number: int, cause_id: int) -> Cause:
    for each in noted.fishbone(session, number):
        if each.id == cause_id:
            return each
    raise BadUse(f"review {number} has no cause {cause_id}: `review causes {number}` lists them")


def _place(bone: str) -> int:
    return noted.BONES.index(bone) if bone in noted.BONES else len(noted.BONES)


def _cause(each: Cause) -> dict[str, Any]:
    """Everything about a cause, times in ISO 8601."""
    row = asdict(each)
    row["cause"] = row.pop("id")
    for name in ("added_at", "changed_at"):
        row[name] = row[name] and row[name].isoformat(timespec="seconds")
    return row


def _voice(row: ReviewNote) -> dict[str, Any]:
    return {
        "voice": row.voice,
        "said": row.said,
        "cause": row.cause_id,
        "source": row.source,
        "contact_id": row.contact_id,
        "by": row.actor,
        "at": row.at.isoformat(timespec="seconds"),
    }

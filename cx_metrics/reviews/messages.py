"""Telling people about reviews: of a flag, of a clock that runs out, of a verdict; each once through each channel.

What is to be told is found in the reviews themselves, so that it makes no difference who flagged or judged where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from cx_metrics.config import Settings
from cx_metrics.reviews.channels import Channel, channels, send
from cx_metrics.reviews.clocks import Clock, clocks
from cx_metrics.reviews.states import Review, State
from cx_metrics.reviews.workflow import reviews
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.records import Message, MessageState, ReviewStep, ReviewVerdict

SOON = timedelta(hours=24)
"""How long before a clock runs out its owner is reminded; half its time where that is less."""

NEWS = timedelta(days=2)
"""How old a flag or a verdict may be to be told still: who configures an address later does not hear of old ones."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440))
"""How long to wait after each failure; after one more the message is given up."""

_LEASE = timedelta(minutes=10)
_MOST_AT_ONCE = 500


class Event(StrEnum):
    """What people are told of."""

    FLAG = "flag"
    SOON = "clock soon"
    OVERDUE = "clock overdue"
    VERDICT = "verdict"


@dataclass(frozen=True)
class News:
    """Something to tell about a review.

    Attributes:
        event: What kind.
        about: Which flag, clock or verdict it is; nothing is told twice about the same.
        title: In one line.
        sentence: What happened and what to do.
    """

    event: Event
    about: str
    title: str
    sentence: str


@dataclass(frozen=True)
class Delivery:
    """What one round of sending did: numbers of messages.

    Attributes:
        queued: New ones.
        sent: Those that a service took.
        failed: Those that failed and are tried again.
        given_up: Those that are not tried any more.
        waiting: Those whose next try is still to come, the failed ones among them.
    """

    queued: int
    sent: int
    failed: int
    given_up: int
    waiting: int


def notify(home: Home, *, now: datetime | None = None) -> Delivery:
    """Find what there is to tell, and send everything that is due.

    Args:
        home: Whose reviews and settings.
        now: The present, UTC without an offset.

    Raises:
        BadInput: One of the configured URLs is none that Apprise knows.
    """
    at = now or ledger.utc_now()
    with home.session() as session:
        queued = queue(session, settings=home.settings, now=at)
    sent, failed, given_up = deliver(home, now=at)
    with home.session() as session:
        waiting = len(session.scalars(select(Message.id).where(Message.state == MessageState.WAITING)).all())
    return Delivery(queued, sent, failed, given_up, waiting)


def queue(session: Session, *, settings: Settings, now: datetime) -> int:
    """Queue what is new in every review; how many messages that makes."""
    if not channels(settings):
        return 0
    return sum(
        tell(session, each, news, settings=settings, now=now)
        for each in reviews(session)
        for news in _news(session, each, zone=settings.zone, now=now)
    )


def tell(session: Session, about: Review, news: News, *, settings: Settings, now: datetime) -> int:
    """Queue one message for each configured channel that has not got it yet; how many those are."""
    same = select(Message.target).where(
        Message.review_id == about.id, Message.event == news.event, Message.about == news.about
    )
    told = set(session.scalars(same))
    new = [channel for channel in channels(settings) if channel.target not in told]
    for channel in new:
        session.add(
            Message(
                review_id=about.id,
                event=news.event,
                about=news.about,
                target=channel.target,
                service=channel.service,
                recipient=about.owner_email if channel.asks_for_owner else None,
                title=news.title,
                body=_body(about, news, public_url=settings.public_url),
                state=MessageState.WAITING,
                queued_at=now,
                n_tries=0,
                next_try_at=now,
            )
        )
    session.flush()
    return len(new)


def deliver(home: Home, *, now: datetime) -> tuple[int, int, int]:
    """Send what is due, each message in its own transaction, so that one failure costs no other.

    Returns:
        How many were sent, how many failed and wait for another try, and how many are given up.
    """
    ways = {channel.target: channel for channel in channels(home.settings)}
    with home.session() as session:
        due = select(Message.id).where(Message.state == MessageState.WAITING, _is_due(now))
        numbers = session.scalars(due.order_by(Message.id).limit(_MOST_AT_ONCE)).all()
    states = [_deliver_one(home, number, ways, now=now) for number in numbers]
    return states.count("sent"), states.count("failed"), states.count("given up")


def outbox(session: Session, review_id: int) -> Sequence[Message]:
    """The messages about a review with their delivery, newest first."""
    return session.scalars(select(Message).where(Message.review_id == review_id).order_by(Message.id.desc())).all()


def undelivered(session: Session) -> Sequence[Message]:
    """The messages that failed and wait for another try, or are given up, newest first."""
    failed = select(Message).where(Message.state != MessageState.SENT, Message.error.is_not(None))
    return session.scalars(failed.order_by(Message.id.desc())).all()


def _deliver_one(home: Home, number: int, ways: dict[str, Channel], *, now: datetime) -> str:
    """Send one message unless another process just took it; what became of it."""
    with home.session() as session:
        taken = session.execute(
            update(Message)
            .where(Message.id == number, Message.state == MessageState.WAITING, _is_due(now))
            .values(next_try_at=now + _LEASE, n_tries=Message.n_tries + 1)
            .returning(Message)
        ).scalar_one_or_none()
    if taken is None:
        return "taken"
    problem, hopeless = _attempt(taken, ways.get(taken.target))
    with home.session() as session:
        row = session.get_one(Message, number)
        row.error = problem
        if problem is None:
            row.state, row.sent_at, row.next_try_at = MessageState.SENT, now, None
            return "sent"
        if hopeless or row.n_tries > len(WAITS):
            row.state, row.next_try_at = MessageState.GIVEN_UP, None
            return "given up"
        row.next_try_at = now + WAITS[row.n_tries - 1]
    return "failed"


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its next try has come; or lies further ahead than any can, as a clock was ahead when it was set."""
    return or_(Message.next_try_at <= now, Message.next_try_at > now + max(WAITS) + _LEASE)


def _attempt(message: Message, channel: Channel | None) -> tuple[str | None, bool]:
    """What went wrong, None for nothing; and whether another try would end the same."""
    if channel is None:
        return "The address it was meant for is not in CX_NOTIFY_URLS any more.", True
    if channel.asks_for_owner and not message.recipient:
        return "The intent had no owner with an e-mail address: name one in Settings.", True
    return send(channel, title=message.title, body=message.body, recipient=message.recipient), False


def _news(session: Session, about: Review, *, zone: ZoneInfo, now: datetime) -> Iterator[News]:
    yield from _flags(session, about, zone=zone, now=now)
    for clock in clocks(about):
        news = _clock_news(clock, zone=zone, now=now)
        if news is not None:
            yield news
    verdicts = select(ReviewVerdict).where(ReviewVerdict.review_id == about.id, ReviewVerdict.at > now - NEWS)
    for row in session.scalars(verdicts):
        sentence = f"{row.data.get('sentence') or 'The fix was judged.'} (asked for by {row.actor})"
        yield News(Event.VERDICT, str(row.id), f"{about.intent}: {row.kind}", sentence)


def _flags(session: Session, about: Review, *, zone: ZoneInfo, now: datetime) -> Iterator[News]:
    """Its flag, and each time it was flagged again."""
    steps = select(ReviewStep).where(
        ReviewStep.review_id == about.id, ReviewStep.state == State.FLAGGED, ReviewStep.at > now - NEWS
    )
    for step in session.scalars(steps):
        asked = f"To be paused: {about.paused_what}." if about.paused_what else "Nothing is to be paused."
        sentence = (
            f"{step.actor} flagged this intent. {step.note} {asked} "
            f"Acknowledge by {_stamp(about.acknowledge_by, zone)}, decide by {_stamp(about.decide_by, zone)}."
        )
        yield News(Event.FLAG, str(step.version), f"{about.intent}: flagged, {about.severity}", sentence)


def _clock_news(clock: Clock, *, zone: ZoneInfo, now: datetime) -> News | None:
    """A reminder where a clock has run out, or is about to."""
    about, by = clock.review, _stamp(clock.due_at, zone)
    key = f"{clock.what} {clock.due_at:%Y-%m-%dT%H:%M:%S}"
    if clock.due_at < now:
        title = f"{about.intent}: overdue, {clock.what}"
        return News(Event.OVERDUE, key, title, f"The time to {clock.what} ran out at {by}. It is {about.state} now.")
    if clock.left(now) > min(SOON, (clock.due_at - about.flagged_at) / 2):
        return None
    said = f"Please {clock.what} by {by}. It is {about.state} now."
    return News(Event.SOON, key, f"{about.intent}: {clock.what} by {by}", said)


def _body(about: Review, news: News, *, public_url: str) -> str:
    where = f"{public_url}/review?review={about.id}" if public_url else f"See review {about.id}."
    owner = f"Owner: {about.owner}" if about.owner else "Nobody owns this intent."
    return "\n\n".join((news.sentence, f"Intent: {about.intent}\n{owner}", where))


def _stamp(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"

"""What pages say about the effect of a fix. Pure: no Streamlit. Markdown, data through ``plain``."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from cx_metrics.reviews.effect import Effect
from cx_metrics.reviews.effect_words import about
from cx_metrics.reviews.judging import FAKE, Kind
from cx_metrics.store.records import ReviewVerdict
from pages.shared import format as write
from pages.shared.cards import Card
from pages.shared.text import amount, plain

ICONS = {
    Kind.WORKED: ":material/check_circle:",
    Kind.NO_EFFECT: ":material/do_not_disturb_on:",
    Kind.WORSE: ":material/error:",
    Kind.TOO_EARLY: ":material/schedule:",
    Kind.BACK_TO_NORMAL: ":material/undo:",
    Kind.CANT_TELL: ":material/help:",
}
"""What stands before each verdict's sentence."""


def effect_cards(told: Effect) -> list[Card]:
    """The verdict in numbers: the change, contacts and money avoided, the days judged and the untouched intents."""
    against = "Against normal" if told.spike_on else "Against untouched intents"
    return [
        Card(against, write.percent(told.ratio - 1, signed=True) if told.ratio is not None else write.UNKNOWN),
        Card("Contacts avoided", about(told.avoided, write.count) if told.avoided is not None else "not claimed"),
        Card("Money avoided", _money(told)),
        Card("Full days judged", write.count(told.days_after)),
        Card("Untouched intents", write.count(told.controls)),
    ]


def _money(told: Effect) -> str:
    if told.avoided is None:
        return "not claimed"
    return write.UNKNOWN if told.money is None else _about_money(told.money, told)


def _about_money(value: float, told: Effect) -> str:
    return amount(about(value, partial(write.money, currency=told.currency)))


def basis(told: Effect) -> str:
    """The intervals, the days, and how money is counted."""
    said = []
    if told.low is not None and told.high is not None:
        said.append(f"likely {write.percent(told.low - 1, signed=True)} to {write.percent(told.high - 1, signed=True)}")
    if told.avoided_low is not None and told.avoided_high is not None:
        ends = f"{about(told.avoided_low, write.count)} to {about(told.avoided_high, write.count)} contacts"
        if told.money_low is not None and told.money_high is not None:
            ends += f", {_about_money(told.money_low, told)} to {_about_money(told.money_high, told)}"
        said.append(f"likely {ends}, at what a contact costs by the minute and afterwards")
    if told.days_after:
        said.append(f"days judged: {write.day_span(told.judged_from, told.judged_to)}")
    said.append(f"first honest answer on {write.day(told.first_answer_on)}")
    return " · ".join(said)


def marks(told: Effect) -> str:
    """What the marks of the picture mean."""
    since = "before the spike" if told.spike_on else f"before the {told.what}"
    return (
        f"Line = contacts per day · dashed = expected, from the days {since} and the untouched intents, in its pale "
        f"95{write.THIN}% range · dotted = the {told.what} · hatched = left out: {write.plural(told.washout, 'day')} "
        "in which repeats of older contacts still arrive"
    )


def unknown(told: Effect) -> str:
    """What the verdict rests on and can't rule out."""
    return (
        "The interval comes from what untouched intents do by themselves; those of the same category, or with a fix, a "
        f"review or a signal of their own, are left out. {_check(told)} Not known: whether something else changed for "
        "this intent on the same day."
    )


def _check(told: Effect) -> str:
    """How the days before were checked."""
    if told.spike_on is not None:
        return (
            f"Contacts were far above normal from about {write.day(told.spike_on)} on; normal is the level of the four "
            "weeks that end two weeks before that."
        )
    fake = f"a fake {told.what} {FAKE} days earlier"
    return {
        True: f"{fake.capitalize()} shows no effect, as it must.",
        False: f"{fake.capitalize()} shows an effect too: something else moves this intent.",
        None: f"There is too little data before it to check {fake}.",
    }[told.pre_trend_ok]


def record(row: ReviewVerdict, zone: ZoneInfo) -> str:
    """One recorded verdict: what, by whom and when."""
    sentence = str(row.data.get("sentence") or "")
    by = f"{plain(row.actor)}, {write.stamp(row.at, zone)}"
    return f"**Recorded: {plain(row.kind)}** ({by}). {amount(plain(sentence))}"

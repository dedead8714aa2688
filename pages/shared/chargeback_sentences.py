"""What the Chargeback page says: who pays what, what it rests on, what closing means. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pandas as pd

from cx_metrics.store.decided.statements import UNOWNED, Statement, StatementLine
from pages.shared.format import UNKNOWN, count, listing, money, percent, plural, price, stamp
from pages.shared.text import amount, plain

ONCE = (
    "Each contact is billed once, where it landed: to the owner of the intent it came in with, in the month it was "
    "opened. A repeat asks about the same intent again, so this is also where its issue started, and no chain of "
    "repeats is billed twice. Amounts are full cost: with fewer contacts, only a part of them would be saved."
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def month_name(month: str) -> str:
    """``2026-10`` as people say it: ``October 2026``."""
    year, number = month.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def whole_bill(statement: Statement, payers: pd.DataFrame) -> str:
    """What the month cost, who pays most, and what nobody owns."""
    if not any(line.is_known for line in statement.lines):
        return f"What the contacts of {month_name(statement.month)} cost is **not known**: no rate says it."
    said = f"Contacts cost **{_money(statement.total_cents, statement)}** in {month_name(statement.month)}."
    owned = payers[(payers["owner"] != UNOWNED) & payers["total"].notna()]
    if len(owned):
        most = owned.iloc[0]
        paid = amount(money(most["total"], statement.currency))
        said += f" *{plain(most['owner'])}* pays most: **{paid}** ({percent(most['share'])})."
    return f"{said} {_nobodys(statement)}{_without_price(statement)}"


def one_bill(part: Statement, payer: str) -> str:
    """What one payer owes for the month, and how much of it is repeats."""
    month = month_name(part.month)
    if not any(line.is_known for line in part.lines):
        return f"What *{plain(payer)}* owes for {month} is **not known**: no rate says what these contacts cost."
    who = f"*{plain(payer)}* pays" if payer != UNOWNED else "Nobody pays"
    share = f", {percent(part.total_cents / part.whole_cents)} of the whole bill" if part.whole_cents else ""
    asked = f"{plural(part.contacts, 'contact')} about {plural(len(part.lines), 'intent')}"
    said = f"{who} **{_money(part.total_cents, part)}** for {month}{share}: {asked}."
    if part.repeats_cents:
        said += f" **{_money(part.repeats_cents, part)}** of it came from customers who had to ask again."
    return said + _without_price(part)


def state(statement: Statement, zone: ZoneInfo) -> str:
    """Whether the month is open or closed, and until when its data was complete."""
    until = f"data until **{stamp(statement.cutoff_at, zone)}**"
    if statement.closed_at is None:
        return f":material/lock_open: Open: a preview, amounts may still change · {until}"
    by = f"by {plain(statement.closed_by)} on {stamp(statement.closed_at, zone)}"
    return f":material/lock: **Closed** {by}: these amounts don't change any more · {until}"


def rests_on(statement: Statement) -> str:
    """What is measured, assumed and missing in the amounts, in one line."""
    contacts = statement.contacts
    sums = {
        "have assumed minutes": sum(line.assumed_contacts for line in statement.lines),
        "have an assumed downstream cost": sum(line.downstream_assumed_contacts for line in statement.lines),
        "have no downstream cost stated": sum(line.downstream_unstated_contacts for line in statement.lines),
        "have no price, and are in no amount": sum(line.unpriced_contacts for line in statement.lines),
    }
    said = [f"{count(number)} {what}" for what, number in sums.items() if number]
    repeats = [] if statement.repeats_cents is not None else ["repeats are not known: no customer ids"]
    return " · ".join([plural(contacts, "contact"), *said, *repeats])


def moved_since(closed: Statement, today: Statement, changed: pd.DataFrame) -> str:
    """How today's data and decisions would bill a closed month otherwise."""
    difference = today.total_cents - closed.total_cents
    lines = plural(len(changed), "line")
    if not difference:
        return f"The closed amounts stay. Today, {lines} would be billed to others or for other contacts."
    much = amount(price(abs(difference) / 100, closed.currency))
    return (
        f"The closed amounts stay. With today's data, rates and owners the month would cost "
        f"**{much} {'more' if difference > 0 else 'less'}**; {lines} would differ."
    )


def before_closing(statement: Statement, *, running: int | None, n_disputed: int) -> Iterable[str]:
    """What someone should know before a month is closed."""
    yield (
        f"**{amount(price(statement.total_cents / 100, statement.currency))}** for "
        f"{plural(statement.contacts, 'contact')}. Once closed, the statement stays as it is, whatever is loaded or "
        "decided later. A closed month can't be opened again."
    )
    if statement.unowned_cents:
        yield f"{amount(price(statement.unowned_cents / 100, statement.currency))} has no owner: nobody will pay it."
    unpriced = sum(line.unpriced_contacts for line in statement.lines)
    if unpriced:
        yield f"{plural(unpriced, 'contact has', 'contacts have')} no price: they will never be billed."
    if running:
        yield f"{plural(running, 'contact has', 'contacts have')} not ended yet: further work on them is not billed."
    if n_disputed:
        yield f"{plural(n_disputed, 'line is', 'lines are')} disputed and not answered yet."


def line_note(line: StatementLine, currency: str) -> str:
    """One line of the statement in words."""
    if not line.is_known:
        return f"{plural(line.contacts, 'contact')}, none of them with a price."
    parts = [f"{amount(price(line.direct_cents / 100, currency))} handling" if line.has_direct else ""]
    parts.append(f"{amount(price(line.downstream_cents / 100, currency))} downstream")
    said = f"{plural(line.contacts, 'contact')}: {listing([part for part in parts if part])}."
    if line.repeats_cents:
        said += f" {amount(price(line.repeats_cents / 100, currency))} of it are repeats."
    return said


def card_money(cents: int | None, currency: str) -> str:
    """An amount on a card, in Markdown."""
    return UNKNOWN if cents is None else amount(money(cents / 100, currency))


def _nobodys(statement: Statement) -> str:
    owned = [line for line in statement.lines if line.owner is not None]
    if len(owned) == len(statement.lines):
        return "Every intent has an owner."
    if not any(line.is_known for line in owned):
        return "**Nobody owns any of it.**"
    share = f" ({percent(statement.unowned_cents / statement.total_cents)})" if statement.total_cents else ""
    return f"**{_money(statement.unowned_cents, statement)}** is nobody's{share}."


def _without_price(statement: Statement) -> str:
    """That amounts are too low where handling has no price, where that is more than a few contacts."""
    unpriced = sum(line.unpriced_contacts for line in statement.lines)
    if unpriced * 100 < statement.contacts:
        return ""
    share = percent(unpriced / statement.contacts)
    return f" The handling of {share} of the contacts has no price yet, and is not in it."


def _money(cents: int, statement: Statement) -> str:
    return amount(money(cents / 100, statement.currency))

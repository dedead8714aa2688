"""What a statement is: the cost of one month's contacts, line by line, and who pays it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from cx_metrics.errors import BadUse, did_you_mean

UNOWNED = "(unowned)"
"""The payer of intents that nobody owns."""
_MONTH = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class StatementLine:
    """What the contacts of one intent cost in one month, and who pays for them.

    Attributes:
        intent: Why customers contacted us.
        category: Its group.
        owner: Who pays; None: nobody owns the intent.
        owner_email: The owner's address.
        department: The owner's department.
        contacts: All contacts of the intent in the month.
        direct_cents: Cost of handling them, in hundredths of the currency.
        downstream_cents: Cost of the work after them.
        repeats_cents: How much of both came from customers who had to contact us again; None where no contact
            can be told.
        assumed_contacts: Contacts whose minutes are assumed, not measured.
        downstream_assumed_contacts: Contacts whose downstream cost is assumed.
        downstream_unstated_contacts: Contacts of which neither data nor assumption says a downstream cost.
        unpriced_contacts: Contacts that cost nothing here, as no rate says what they cost.
    """

    intent: str
    category: str
    owner: str | None
    owner_email: str | None
    department: str | None
    contacts: int
    direct_cents: int
    downstream_cents: int
    repeats_cents: int | None
    assumed_contacts: int
    downstream_assumed_contacts: int
    downstream_unstated_contacts: int
    unpriced_contacts: int

    @property
    def total_cents(self) -> int:
        """What the payer owes for this line."""
        return self.direct_cents + self.downstream_cents

    @property
    def has_direct(self) -> bool:
        """Whether it is known of any contact what handling it cost."""
        return self.unpriced_contacts < self.contacts

    @property
    def is_known(self) -> bool:
        """Whether anything is known of what the contacts cost."""
        return self.has_direct or self.downstream_unstated_contacts < self.contacts

    @property
    def payer(self) -> str:
        """The owner's name, or ``(unowned)``."""
        return self.owner or UNOWNED

    @property
    def payer_key(self) -> tuple[bool, str]:
        """What tells one payer from another: the address, else the name; the unowned part comes last."""
        return self.owner is None, (self.owner_email or self.owner or "").casefold()


@dataclass(frozen=True)
class Statement:
    """What the contacts of one business month cost, every contact once, by owner and intent.

    Attributes:
        month: As ``2026-10``.
        currency: ISO 4217 code of its amounts.
        cutoff_at: Until when the data was complete, UTC; None without data.
        lines: By payer, the unowned last, then the largest first.
        data_version: The mart it was computed from.
        decisions_stamp: The decisions it was computed under.
        closed_at: When it was closed, UTC; None while it is open.
        closed_by: Who closed it.
        part_of_cents: The whole month's total where these are one payer's lines only.
    """

    month: str
    currency: str
    cutoff_at: datetime | None
    lines: tuple[StatementLine, ...]
    data_version: str = field(default="", compare=False)
    decisions_stamp: str = field(default="", compare=False)
    closed_at: datetime | None = None
    closed_by: str | None = None
    part_of_cents: int | None = None

    @property
    def total_cents(self) -> int:
        """What all payers owe together, the unowned part included."""
        return sum(line.total_cents for line in self.lines)

    @property
    def contacts(self) -> int:
        """All contacts of the month."""
        return sum(line.contacts for line in self.lines)

    @property
    def whole_cents(self) -> int:
        """What the whole month costs, also where these are one payer's lines only."""
        return self.total_cents if self.part_of_cents is None else self.part_of_cents

    @property
    def unowned_cents(self) -> int:
        """What nobody owns of it."""
        return sum(line.total_cents for line in self.lines if line.owner is None)

    @property
    def repeats_cents(self) -> int | None:
        """How much of it repeats cost; None where no contact can be told."""
        known = [line.repeats_cents for line in self.lines if line.repeats_cents is not None]
        return sum(known) if known else None

    @property
    def payers(self) -> tuple[str, ...]:
        """Who is billed, in the order of the lines: by name, or by address where two share a name."""
        addresses: dict[str, dict[tuple[bool, str], str | None]] = {}
        for line in self.lines:
            addresses.setdefault(line.payer, {})[line.payer_key] = line.owner_email
        return tuple(
            dict.fromkeys(
                line.owner_email if len(addresses[line.payer]) > 1 and line.owner_email else line.payer
                for line in self.lines
            )
        )

    def of(self, payer: str) -> Statement:
        """The lines of one payer only, by name or e-mail address.

        Raises:
            BadUse: The month bills nobody of that name.
        """
        lines = tuple(line for line in self.lines if payer in (line.payer, line.owner_email))
        if not lines:
            raise BadUse(f"nobody called '{payer}' is billed in {self.month}: {did_you_mean(payer, self.payers)}")
        return replace(self, lines=lines, part_of_cents=self.whole_cents)

    def line(self, intent: str) -> StatementLine:
        """The line of one intent.

        Raises:
            BadUse: The month has none.
        """
        for line in self.lines:
            if line.intent == intent:
                return line
        near = did_you_mean(intent, [line.intent for line in self.lines])
        hint = near if near.startswith("did") else f"it has {len(self.lines)} others"
        raise BadUse(f"the statement of {self.month} has no line '{intent}': {hint}")


def in_order(lines: Sequence[StatementLine]) -> tuple[StatementLine, ...]:
    """The lines by payer, those of the largest bill first and the unowned last; each payer's largest first."""
    bills: Counter[tuple[bool, str]] = Counter()
    for line in lines:
        bills[line.payer_key] += line.total_cents

    def place(line: StatementLine) -> tuple[object, ...]:
        return (line.owner is None, -bills[line.payer_key], line.payer_key, -line.total_cents, line.intent)

    return tuple(sorted(lines, key=place))


def month_days(month: str) -> tuple[date, date]:
    """First and last business day of a month such as ``2026-10``.

    Raises:
        BadUse: It is no month.
    """
    if not _MONTH.fullmatch(month):
        raise BadUse(f"'{month}' is no month: write it as YYYY-MM, for example 2026-10")
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_between(first: date, last: date) -> tuple[str, ...]:
    """The months in which days from the first to the last lie, newest first."""
    count = (last.year - first.year) * 12 + last.month - first.month
    months = [first.year * 12 + first.month - 1 + number for number in range(count, -1, -1)]
    return tuple(f"{month // 12}-{month % 12 + 1:02}" for month in months)

"""What people decided, as metrics read it: owners, targets, windows, rates and units of X, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

Value = Literal["low", "high"]


@dataclass(frozen=True)
class IntentDecision:
    """What was decided about one intent; whatever is None was not.

    Attributes:
        intent: Its name, as contacts have it.
        category: The group it belongs to.
        owner: Who answers for it; None: unowned.
        owner_email: How the owner is told apart from others, and reached.
        department: The owner's department.
        fcr_target: First contact resolution to be reached, 0..1.
        window_days: Days within which another contact counts as a repeat; one of 1, 3, 7, 14, 30.
        downstream_cost: Assumed work after a contact, in money per contact, where the extract does not say.
        expected_hours: Hours within which customers are told that it will be solved.
        value_to_customer: What such a contact is worth to the customer.
        value_to_company: What it is worth to the company.
    """

    intent: str
    category: str | None = None
    owner: str | None = None
    owner_email: str | None = None
    department: str | None = None
    fcr_target: float | None = None
    window_days: int | None = None
    downstream_cost: Decimal | None = None
    expected_hours: float | None = None
    value_to_customer: Value | None = None
    value_to_company: Value | None = None


@dataclass(frozen=True)
class Rate:
    """What contacts of a channel cost from a day on, until its next rate.

    Attributes:
        channel: As contacts have it.
        from_on: First business day it holds.
        per_minute: Money per minute of handling.
        per_contact: Money per contact.
        assumed_minutes: Minutes assumed for a contact whose handle time is not known; None: not assumed.
    """

    channel: str
    from_on: date
    per_minute: Decimal
    per_contact: Decimal
    assumed_minutes: Decimal | None = None


@dataclass(frozen=True)
class XUnits:
    """Units of X (orders, devices, ...) that belong to one business day."""

    name: str
    on: date
    units: Decimal


@dataclass(frozen=True)
class Alert:
    """One message that was sent to customers before they asked, and who contacted us about it all the same.

    Attributes:
        name: What tells it from others.
        intent: The intent it should prevent.
        sent_at: When, UTC.
        n_sent: Customers it was sent to.
        trigger: The event it was about, in words.
        within_days: Days after it within which contacts count, one of 1, 3, 7, 14, 30; None: those of the intent.
        audience: Who these customers are, in words.
        n_held_out: Customers of the same kind from whom it was held back at random; None: nobody.
        contacted_sent: Of the first, those who contacted us about the intent within these days; None: not counted.
        contacted_held_out: The same of those held out.
    """

    name: str
    intent: str
    sent_at: datetime
    n_sent: int
    trigger: str | None = None
    within_days: int | None = None
    audience: str | None = None
    n_held_out: int | None = None
    contacted_sent: int | None = None
    contacted_held_out: int | None = None


@dataclass(frozen=True, eq=False)
class Decisions:
    """All that was decided, at one moment.

    Attributes:
        stamp: Another moment's decisions have another stamp; empty where nothing was ever decided.
        intents: At most one for each intent.
        rates: By channel, then first day.
        x_units: By name, then day.
        currency: ISO 4217 code of all amounts.
        alerts: Messages sent before customers asked, by name.
        fixes: Intent and business day of each fix that its reviews tell of, sorted.
    """

    stamp: str = ""
    intents: tuple[IntentDecision, ...] = ()
    rates: tuple[Rate, ...] = ()
    x_units: tuple[XUnits, ...] = ()
    currency: str = "EUR"
    fixes: tuple[tuple[str, date], ...] = ()
    alerts: tuple[Alert, ...] = ()

    @cached_property
    def by_intent(self) -> Mapping[str, IntentDecision]:
        """The decision about each intent that has one."""
        return {decision.intent: decision for decision in self.intents}

    @cached_property
    def windows(self) -> Mapping[str, int]:
        """Days of the window of each intent that has one of its own."""
        return {d.intent: d.window_days for d in self.intents if d.window_days is not None}

    @cached_property
    def targets(self) -> Mapping[str, float]:
        """FCR to be reached, 0..1, of each intent that has a target."""
        return {d.intent: d.fcr_target for d in self.intents if d.fcr_target is not None}

    @cached_property
    def owned(self) -> Mapping[str, str]:
        """Owner of each intent that has one."""
        return {d.intent: d.owner for d in self.intents if d.owner is not None}

    @cached_property
    def unit_names(self) -> tuple[str, ...]:
        """Names of the units of X, sorted."""
        return tuple(sorted({entry.name for entry in self.x_units}))


NOTHING_DECIDED = Decisions()
"""Where nobody has decided anything yet."""

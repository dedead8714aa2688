"""What a fix or a pause changed, as it is told, kept and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cx_metrics.reviews.judging import Kind

What = Literal["fix", "pause"]
FIX: What = "fix"
PAUSE: What = "pause"


@dataclass(frozen=True)
class Effect:
    """What a fix changed, and what that rests on. Numbers are None where they can't be known or may not be claimed.

    Attributes:
        intent: What was fixed.
        on: The day of the fix, or of the pause.
        what: Which of them it was.
        kind: The verdict.
        ratio: Contacts of the days judged over those expected; 0.6 is 40 % fewer. After a spike: over normal.
        low: Lower end of its 95 % interval.
        high: Upper end.
        avoided: Contacts that did not come, negative where more came; only where it worked or made worse.
        avoided_low: Lower end.
        avoided_high: Upper end.
        money: What they would have cost at marginal cost.
        money_low: Lower end.
        money_high: Upper end.
        currency: Of these amounts.
        before_on: First of the days before.
        washout: Days left out after the fix.
        judged_from: First day judged.
        judged_to: Last day judged; before the first one where there is none yet.
        days_after: Full days judged.
        contacts_before: Contacts of the days before.
        contacts_after: Contacts of the days judged.
        controls: Untouched intents it is compared with.
        pre_trend_ok: Whether a fake fix 28 days earlier shows no effect, as it must; None without data for it.
        spike_on: First day of the first week far above normal; None: no spike before the fix.
        first_answer_on: The day from which on the usual interval decides.
        data_version: The mart it was computed from.
        reason: Why it can't be told; None where it can, or may be in a while.
        sentence: All of it in words, plain text.
    """

    intent: str
    on: date
    what: What
    kind: Kind
    ratio: float | None
    low: float | None
    high: float | None
    avoided: float | None
    avoided_low: float | None
    avoided_high: float | None
    money: float | None
    money_low: float | None
    money_high: float | None
    currency: str
    before_on: date
    washout: int
    judged_from: date
    judged_to: date
    days_after: int
    contacts_before: int
    contacts_after: int
    controls: int
    pre_trend_ok: bool | None
    spike_on: date | None
    first_answer_on: date
    data_version: str
    reason: str | None
    sentence: str

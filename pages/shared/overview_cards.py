"""The five numbers of the Overview, each with what it rests on. Pure: no Streamlit is drawn here."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cx_metrics.metrics.solved.standing import Answer, Standing
from cx_metrics.reports.phrases import has, of_100, per_units
from pages.shared import cards
from pages.shared import format as write
from pages.shared.text import amount, plain

_OPEN = ("too close to call", "too few", "too early")


def known_cards(stands: Standing) -> list[cards.Card]:
    """The numbers that are known, in their order: cost, contacts per unit, solved, targets, heard from."""
    made = (_cost(stands), _per_unit(stands.cpx), _solved(stands.fcr), _targets(stands), _heard(stands.reach))
    return [card for card in made if card is not None]


def notes(stands: Standing) -> str:
    """What the cards rest on, in one line of Markdown."""
    found = (_cost_note(stands), _unit_note(stands), _solved_note(stands), _target_note(stands), _heard_note(stands))
    return " · ".join(note for note in found if note)


def undecided(stands: Standing) -> str:
    """What nobody has decided yet, so that the page can't tell it; empty where all is."""
    missing = {
        "rates, so no cost": has(_first(stands.cost.now)["value"]),
        "units of X, so no contacts per unit": _first(stands.cpx.now)["unit"] is not None,
        "targets": stands.has_targets,
        "owners": stands.has_owners,
    }
    named = [what for what, is_there in missing.items() if not is_there]
    return f"Not decided yet: {'; '.join(named)}." if named else ""


def _cost(stands: Standing) -> cards.Card | None:
    now = _first(stands.cost.now)
    if not has(now["value"]):
        return None
    before = _before(stands.cost)
    change = None
    if before is not None and has(before["value"]):
        change = amount(write.money_compact(now["value"] - before["value"], stands.currency, signed=True))
    value = amount(write.money_compact(now["value"], stands.currency))
    return cards.Card("Cost of contacts", value, change, better="lower", line=stands.cost.line)


def _per_unit(told: Answer) -> cards.Card | None:
    now = _first(told.now)
    if not has(now["value"]):
        return None
    times, per = per_units(now["value"])
    before = _before(told)
    change = None
    if before is not None and has(before["value"]):
        change = write.number((now["value"] - before["value"]) * times, 1, signed=True)
    value = write.number(now["value"] * times, 1)
    judged = cards.rate_card("", told.now, told.before, better="lower").better
    return cards.Card(f"Per {per} {now['unit']}", value, change, better=judged, line=told.line)


def _solved(told: Answer) -> cards.Card | None:
    if not has(_first(told.now)["value"]):
        return None
    card = cards.rate_card("Solved first time", told.now, told.before, better="higher")
    return replace(card, line=told.line)


def _targets(stands: Standing) -> cards.Card | None:
    if not stands.has_targets:
        return None
    met, missed = (_n_said(stands, word) for word in ("met", "missed"))
    return cards.Card("Targets", f"{write.count(met)} met", f"{write.count(missed)} missed")


def _heard(told: Answer) -> cards.Card | None:
    now, before = _first(told.now), _before(told)
    if not has(now["value"]):
        return None
    change = None
    if before is not None and has(before["value"]):
        change = write.points(now["value"] - before["value"], 1)
    judged = cards.rate_card("", told.now, told.before, better="higher").better
    return cards.Card("We heard from", of_100(now["value"]), change, better=judged, line=told.line)


def _cost_note(stands: Standing) -> str:
    row = _first(stands.cost.now)
    if not has(row["value"]):
        return ""
    show = write.money_compact
    parts = [f"{show(row['downstream'], stands.currency)} downstream"]
    if has(row["direct"]):
        parts.insert(0, f"{show(row['direct'], stands.currency)} direct")
    if row["unpriced_contacts"]:
        parts.append(f"{write.plural(row['unpriced_contacts'], 'contact')} without a price")
    return f"Cost: {amount(', '.join(parts))}"


def _unit_note(stands: Standing) -> str:
    row, asked = _first(stands.cpx.now), stands.cpx.asked
    if not has(row["value"]):
        return ""
    times, per = per_units(row["value"])
    spread = write.likely(row["low"] * times, row["high"] * times, 1, unit="")
    month = "" if asked == stands.slice or asked.from_on is None else f", in {asked.from_on:%B %Y}"
    return f"Contacts per {per} {plain(row['unit'])}: {spread}{month}"


def _solved_note(stands: Standing) -> str:
    row = _first(stands.fcr.now)
    if not has(row["value"]):
        return ""
    young = f", {write.plural(row['immature'], 'issue')} too young to count" if row["immature"] else ""
    return f"Solved first time: {write.likely(row['low'], row['high'])}{young}"


def _target_note(stands: Standing) -> str:
    n_open = sum(_n_said(stands, word) for word in _OPEN)
    return f"{write.plural(n_open, 'target')} can't be told yet" if n_open else ""


def _heard_note(stands: Standing) -> str:
    row = _first(stands.reach.now)
    return f"Heard from: {write.likely(row['low'], row['high'], 1)}" if has(row["value"]) else ""


def _n_said(stands: Standing, word: str) -> int:
    return int((stands.intents["verdict"] == word).sum())


def _first(frame: pd.DataFrame) -> pd.Series:
    return frame.iloc[0]


def _before(told: Answer) -> pd.Series | None:
    return None if told.before is None or told.before.empty else told.before.iloc[0]

"""What the page on repeat contacts says, from computed values. Pure: no Streamlit; the text is Markdown."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.numbers import THIN, count, is_known, likely, number, percent, points
from cx_metrics.metrics.returning.repeat_drivers import IntentChange, RepeatDrivers, RepeatSplit
from pages.shared.format import listing, plural
from pages.shared.text import plain


def answer(came_back: pd.DataFrame, half: pd.DataFrame, change: pd.DataFrame | None, most: IntentChange | None) -> str:
    """How many come back, how soon, whether that changes, and where it changes most."""
    row = came_back.iloc[0]
    if pd.isna(row["value"]):
        return f"How many customers come back is **not known**: {plain(row['reason'])}."
    back, ends = number(row["value"] * 100), likely(row["low"], row["high"])
    parts = [
        f"Of 100 customers with a new issue, **{back} came back** about it within {window(row['window'])} ({ends})"
    ]
    parts[0] += f"{_half(half)}."
    if change is not None:
        parts.append(_changed(change.iloc[0]))
    if most is not None:
        parts.append(_most(most))
    return " ".join(part for part in parts if part)


def nobody_known() -> str:
    """What can't be answered without customer ids."""
    return "How many customers come back **can't be known: these contacts have no customer ids**."


def half_card(half: pd.DataFrame) -> str:
    """By which day half of those who come back are back, as a card shows it."""
    value = half["value"].iloc[0]
    return f"{count(value)}{THIN}{'day' if value == 1 else 'days'}" if is_known(value) else "not known"


def notes(came_back: pd.DataFrame, repeats: pd.DataFrame, half: pd.DataFrame, top: pd.DataFrame) -> str:
    """What the cards rest on, and what is left out."""
    row, share, soon = came_back.iloc[0], repeats.iloc[0], half.iloc[0]
    said = []
    if pd.notna(row["value"]):
        said.append(f"Came back: {likely(row['low'], row['high'], 1)}, n = {plural(row['n'], 'issue')}")
    if pd.notna(share["value"]):
        said.append(f"repeats: {likely(share['low'], share['high'], 1)} of {count(share['n'])} contacts")
    said.append(_half_note(soon))
    said.append(concentrated(top))
    left_out = (
        f"Left out: {count(row['immature'])} issues too young to know, {count(row['left_edge'])} from the first days "
        f"of the data, {count(row['no_customer_id'])} contacts without a customer id"
    )
    return f"{' · '.join(said)}. {left_out}."


def concentrated(top: pd.DataFrame) -> str:
    """How much the busiest customers make, and how much they would by chance."""
    row = top.iloc[-1]
    if pd.isna(row["value"]):
        return f"busiest {percent(row['top'])}: not known, {plain(row['reason'])}"
    return (
        f"the busiest {percent(row['top'])} of customers make {percent(row['value'], 1)} of the contacts, against "
        f"{percent(row['expected'], 1)} if contacts fell at random"
    )


def concentration(top: pd.DataFrame) -> str:
    """The same as a sentence of its own."""
    said = concentrated(top)
    return f"{said[:1].upper()}{said[1:]}."


def split(found: RepeatSplit, *, by: str) -> str:
    """What the change owes to rates and to mix, with a warning where the whole tells the opposite of its parts."""
    if found.total is None or found.rate is None or found.mix is None or found.against is None:
        return f"What changed can't be told: {plain(found.reason)}."
    whole, rate, mix = (points(value, 1) for value in (found.total, found.rate, found.mix))
    parts = f"{rate} from customers coming back more or less often within each {plain(by)}, {mix} from the mix"
    if found.turned:
        return (
            f":material/warning: **The whole misleads.** Within each {plain(by)} together, the share that comes back "
            f"changed by {rate}; that it changed by {whole} in all is the mix ({mix}): more or fewer contacts of the "
            "kind that comes back."
        )
    begin = f"The share that comes back changed by **{whole}**: {parts}."
    if found.misleads:
        begin += (
            f" The change rests on a few: {plain(by)}s with {percent(found.against)} of the issues went the other way, "
            "if only by chance."
        )
    return begin


def model(found: RepeatDrivers) -> str:
    """Which attributes play a part when all are taken together, and what the model rests on."""
    told = found.found
    if told.reason is not None:
        return f"What goes with coming back can't be told: {plain(told.reason)}."
    effects = found.effects
    beyond = [f"*{plain(name)}*" for name in dict.fromkeys(effects.loc[effects["beyond"], "attribute"])]
    none = [plain(name) for name in dict.fromkeys(effects.loc[~effects["beyond"].astype(bool), "attribute"])]
    begin = f"Customers come back more or less with {listing(beyond)}." if beyond else "Nothing plays a part for sure."
    rest = f" Nothing beyond chance: {listing(none)}, all else alike." if none else ""
    out = (
        f" Left out, as it is alike for all or told by the others: {listing([plain(name) for name in told.left_out])}."
        * bool(told.left_out)
    )
    return f"{begin}{rest}{out}"


def model_basis(found: RepeatDrivers) -> str:
    """What the model rests on, and what it can't say."""
    told = found.found
    part = (
        f"; of {count(found.n_issues)} issues, those of one in {count(found.one_in)} customers"
        if found.one_in > 1
        else ""
    )
    return (
        f"One model with all attributes ({plural(told.n, 'issue')} of {plural(told.n_customers, 'customer')}{part}), "
        "customers as clusters, false discovery rate 5 %. These are associations, never causes: whoever gets the hard "
        "questions sees customers come back."
    )


def window(days: object) -> str:
    """A window in words; intents may have different ones."""
    if not is_known(days):  # type: ignore[arg-type]
        return "their intent's window"
    return "a day" if days == 1 else f"{days} days"


def chain_table(chains: pd.DataFrame) -> pd.DataFrame:
    """Chains with whether they may have begun before the data, in words."""
    words = ["may have begun before the data" if edge else None for edge in chains["edge"]]
    return chains.assign(note=pd.Series(words, index=chains.index, dtype=object))


def _half(half: pd.DataFrame) -> str:
    value = half["value"].iloc[0]
    if not is_known(value):
        return ""
    return f"; half of those within **{'a day' if value == 1 else f'{count(value)} days'}**"


def _half_note(row: pd.Series) -> str:
    if not is_known(row["value"]):
        return f"half of those who return: not known, {plain(row['reason'])}"
    low, high = count(row["low"]), count(row["high"])
    spread = f"by day {low}" if low == high else f"likely by day {low} to {high}"
    return f"half of those who return: {spread}, n = {count(row['n'])}"


def _changed(row: pd.Series) -> str:
    if pd.isna(row["difference"]):
        return ""
    if row["low"] <= 0 <= row["high"]:
        return (
            f"That is about as often as in the earlier period: {_hundred(row['value'])} against "
            f"{_hundred(row['before'])} of 100 within {window(row['window'])} (difference likely "
            f"{points(row['low'], 1)} to {points(row['high'], 1)})."
        )
    word = "less" if row["difference"] < 0 else "more"
    return f"New issues come back **{word} often** than those of the earlier period: {_compared(row)}."


def _most(most: IntentChange) -> str:
    return f"It changed most for *{plain(most.intent)}*: {_compared(most.change.iloc[0])}."


def _compared(row: pd.Series) -> str:
    ends = sorted((abs(row["low"]), abs(row["high"])))
    word = "points less" if row["difference"] < 0 else "points more"
    return (
        f"**{_hundred(row['value'])} instead of {_hundred(row['before'])} of 100** within {window(row['window'])} "
        f"({number(abs(row['difference']) * 100, 1)} {word}, likely {number(ends[0] * 100, 1)} to "
        f"{number(ends[1] * 100, 1)})"
    )


def _hundred(share: float) -> str:
    return number(share * 100)

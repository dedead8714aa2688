from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.owners import alt, bundled, owners
from tests.charts.frames import NASTY, check, strings

NOBODY = "(unowned)"


def payers(*totals: float | None, names: tuple[str, ...] = ()) -> pd.DataFrame:
    """Payers o0, o1, ... or as given, a quarter of each total downstream."""
    frame = pd.DataFrame({"owner": names or [f"o{at}" for at in range(len(totals))], "total": totals}, dtype=object)
    frame["total"] = frame["total"].astype(float)
    frame["direct"], frame["downstream"], frame["contacts"] = 0.75 * frame["total"], 0.25 * frame["total"], 10
    return frame.assign(share=frame["total"] / frame["total"].sum())


def draw(frame: pd.DataFrame, **more: int) -> list[object]:
    figure = owners(frame, currency="EUR", nobody=NOBODY, **more)
    check(figure)
    return list(figure.data)


def test_handling_and_downstream_lie_end_to_end_and_are_named() -> None:
    direct, downstream, totals = owners(payers(80.0, 20.0), currency="EUR", nobody=NOBODY).data
    assert (list(direct.x), list(downstream.x), list(totals.x)) == ([60, 15], [20, 5], [80, 20])
    assert (direct.name, downstream.name) == ("handling", "downstream")
    assert (direct.marker.color, downstream.marker.color) == (palette.OURS, palette.CATEGORIES[1])
    assert [text.strip() for text in totals.text] == ["€\u202f80 · 80\u202f&#37;", "€\u202f20 · 20\u202f&#37;"]
    assert owners(payers(80.0, 20.0), currency="EUR", nobody=NOBODY).layout.barmode == "stack"


def test_what_nobody_owns_is_hatched_and_stays_in_sight() -> None:
    names = (*(f"o{at}" for at in range(20)), NOBODY)
    frame = payers(*range(40, 20, -1), 3.0, names=names)
    rows = bundled(frame, 12, nobody=NOBODY)
    assert list(rows["owner"]) == [*names[:12], "8 others", NOBODY]
    assert rows["total"].sum() == frame["total"].sum()
    direct = draw(frame)[0]
    assert list(direct.marker.pattern.shape) == [""] * 13 + ["/"]  # type: ignore[attr-defined]


def test_one_payer_too_many_stays_itself() -> None:
    assert list(bundled(payers(3.0, 2.0, 1.0), 2, nobody=NOBODY)["owner"]) == ["o0", "o1", "o2"]


def test_an_unknown_amount_is_no_bar() -> None:
    direct, *_ = draw(payers(5.0, None))
    assert list(direct.x) == [3.75, 0.0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("frame", [payers(), payers(None), payers(0.0)], ids=["empty", "unknown", "free"])
def test_without_a_bill_the_picture_says_so(frame: pd.DataFrame) -> None:
    figure = owners(frame, currency="EUR", nobody=NOBODY)
    check(figure)
    assert not figure.data
    assert "Nothing is billed" in figure.layout.annotations[0].text


def test_names_and_currencies_are_plain_text() -> None:
    frame = payers(*range(len(NASTY), 0, -1), names=NASTY)
    figure = owners(frame, currency="USD", nobody=NOBODY)
    check(figure)
    assert not [text for text in strings(figure.to_dict()["data"][2]) if "$" in text]


def test_alt_says_who_pays_what() -> None:
    assert alt(payers(75.0, 25.0), currency="EUR") == "o0 €\u202f75 (75\u202f%), o1 €\u202f25 (25\u202f%)."
    assert alt(payers(), currency="EUR") == alt(payers(None), currency="EUR") == "Nothing is billed."

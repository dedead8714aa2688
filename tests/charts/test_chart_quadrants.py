from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts import palette
from cx_metrics.charts.quadrants import alt, quadrant
from tests.charts.frames import NASTY, check, traces


def quadrant_frame(n: int = 3) -> pd.DataFrame:
    """Intents i0, i1, ... that cost 1000, 900, ...; every third is unowned."""
    frame = pd.DataFrame({"intent": [f"i{at}" for at in range(n)], "cost": [1000.0 - 100 * at for at in range(n)]})
    frame["contacts"] = [10 * (n - at) for at in range(n)]
    owners = [None if at % 3 == 2 else f"Owner {at}" for at in range(n)]
    return frame.assign(
        owner=pd.Series(owners, dtype=object),
        department=pd.Series((["Billing"] + [None] * n)[:n], dtype=object),
    )


def test_bars_are_as_long_as_the_cost_and_hollow_where_nobody_owns_them() -> None:
    figure = quadrant(quadrant_frame(), top=1000, currency="EUR")
    check(figure)
    (owned,), (unowned,) = traces(figure, "owned"), traces(figure, "unowned")
    assert dict(zip(owned.ids, owned.x, strict=True)) == {"i0": 1000, "i1": 900}
    assert dict(zip(unowned.ids, unowned.x, strict=True)) == {"i2": 800}
    assert (owned.marker.color, unowned.marker.color) == (palette.OURS, palette.BAND)
    assert unowned.marker.line.color == palette.UNSURE
    assert owned.hovertext[0].endswith("contacts<br>Owner 0, Billing")
    said = [text.replace("\u202f", " ") for text in (*owned.text, *unowned.text)]
    assert said == ["€ 1.0k · Owner 0", "€ 900 · Owner 1", "€ 800 · unowned"]


def test_quadrants_share_one_scale() -> None:
    small = quadrant(quadrant_frame(1), top=5000, currency="EUR")
    large = quadrant(quadrant_frame(3), top=5000, currency="EUR")
    assert small.layout.xaxis.range == large.layout.xaxis.range


def test_without_money_bars_are_contacts() -> None:
    frame = quadrant_frame().assign(cost=None)
    figure = quadrant(frame, top=30, currency=None)
    assert traces(figure, "owned")[0].x.tolist() == [30, 20]
    assert traces(figure, "owned")[0].text[0] == "30 · Owner 0"
    assert alt(frame, currency=None) == "3 intents, 1 unowned; first: i0, 30."


def test_a_cost_not_known_has_no_bar_but_says_so() -> None:
    frame = quadrant_frame(1).assign(cost=np.nan)
    (owned,) = traces(quadrant(frame, top=10, currency="EUR"), "owned")
    assert owned.x.tolist() == [0]
    assert owned.text[0] == "cost not known · Owner 0"


def test_the_others_stand_in_one_row_without_a_bar() -> None:
    figure = quadrant(quadrant_frame(9), top=1000, currency="EUR", most=4)
    check(figure)
    assert list(figure.layout.yaxis.ticktext) == ["i0", "i1", "i2", "i3", "5 others"]
    (owned,) = traces(figure, "owned")
    assert dict(zip(owned.ids, owned.x, strict=True))["5 others"] == 0
    assert owned.text[-1].replace("\u202f", " ") == "€ 2.0k · 2 unowned"  # i4 .. i8: 600 + 500 + 400 + 300 + 200
    assert "5 others" not in quadrant(quadrant_frame(5), top=1, currency=None, most=4).layout.yaxis.ticktext


def test_names_are_shown_letter_by_letter() -> None:
    frame = quadrant_frame(4).assign(intent=NASTY[:4], owner=NASTY[0], department=NASTY[3])
    check(quadrant(frame, top=1000, currency="USD"))


def test_nothing_and_alt() -> None:
    empty = quadrant(quadrant_frame(0), top=1, currency="EUR")
    check(empty)
    assert not empty.data
    assert alt(quadrant_frame(0), currency="EUR") == "No intent here."
    said = alt(quadrant_frame(), currency="EUR").replace("\u202f", " ")
    assert said == "3 intents, 1 unowned; first: i0, € 1.0k."

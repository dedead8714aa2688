from __future__ import annotations

import pandas as pd

from cx_metrics.charts.distribution import alt, distribution
from tests.charts.frames import check

FRAME = pd.DataFrame({"contacts": ["1", "2", "3", "4", "5-9", "10+"], "customers": [15200, 3800, 600, 300, 99, 1]})
FRAME["share"] = FRAME["customers"] / FRAME["customers"].sum()


def test_every_class_has_its_bar_and_its_share() -> None:
    figure = distribution(FRAME)
    check(figure)
    (bars,) = figure.data
    assert bars.y.tolist() == FRAME["customers"].tolist()
    assert list(figure.layout.xaxis.ticktext) == ["1", "2", "3", "4", "5–9", "10+"]
    assert [text.replace("\u202f&#37;", "") for text in bars.text] == [
        "76.0",
        "19.0",
        "3.0",
        "1.5",
        "0.5",
        "0.0",
    ]
    said = bars.hovertext[4].replace("\u202f", " ")
    assert said == "<b>5–9 contacts</b><br>99 customers, 0.5 &#37;"


def test_no_customers_is_said() -> None:
    figure = distribution(FRAME.assign(customers=0, share=0.0))
    check(figure)
    assert figure.layout.annotations[0].text == "No customer ids in this period"
    assert alt(FRAME.assign(customers=0)) == "No customer ids in this period."


def test_alt_says_how_many_come_once_and_how_many_often() -> None:
    said = alt(FRAME).replace("\u202f", " ")
    assert said == "76 % of 20 000 customers made one contact, 1 % made five or more."

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.cards import MOST_CARDS, Card, card_row, count_card, rate_card, ratio_card


def answer(value: float | None, low: float | None = None, high: float | None = None) -> pd.DataFrame:
    return pd.DataFrame([{"value": value, "low": low, "high": high}])


def said(card: Card) -> tuple[str, str | None, str | None]:
    change = None if card.change is None else card.change.replace("\u202f", " ")
    return card.value.replace("\u202f", " "), change, card.better


def test_count_cards_show_counts_in_full_below_a_million() -> None:
    assert said(count_card("c", answer(52310), answer(49190))) == ("52 310", "+3 120", "lower")
    assert said(count_card("c", answer(10_234_567), answer(8_000_000))) == ("10.2M", "+2.2M", "lower")
    assert said(count_card("c", answer(5))) == ("5", None, "lower")
    assert said(count_card("c", answer(None), answer(5))) == ("not known", None, "lower")


def test_rate_cards_judge_a_change_only_where_the_intervals_part() -> None:
    now = answer(0.19, 0.18, 0.20)
    assert said(rate_card("r", now, answer(0.16, 0.15, 0.17), better="lower")) == ("19 %", "+3 pts", "lower")
    assert said(rate_card("r", now, answer(0.18, 0.16, 0.185), better="lower")) == ("19 %", "+1 pt", None)
    assert said(rate_card("r", now, answer(0.22, 0.20, 0.24), better="higher")) == ("19 %", "-3 pts", None)
    assert said(rate_card("r", now, answer(0.22, 0.21, 0.24), better="higher")) == (
        "19 %",
        "-3 pts",
        "higher",
    )
    assert said(rate_card("r", now, answer(None), better="lower")) == ("19 %", None, None)
    assert said(rate_card("r", answer(None), now, better="lower")) == ("not known", None, None)
    assert said(rate_card("r", now, now.iloc[:0], better="lower")) == ("19 %", None, None)


def test_ratio_cards_have_two_decimals() -> None:
    assert ratio_card("per customer", answer(1.845)).value == "1.85"


def page(cards: list[object]) -> None:
    from pages.shared.cards import Card, answer, card_row, missing_card

    answer("**52** contacts")
    card_row([card for card in cards if isinstance(card, Card)], caption="n = 5")
    missing_card("What changed?", "No *comparison*")


def test_a_row_of_cards() -> None:
    cards = [
        Card("Came *back*", "19 %", "+3 pts", better="lower", line=[1, 2, 3]),
        Card("Solved", "71 %", "-3 pts", better="higher"),
        Card("Flat", "5", "0", better="lower"),
        Card("Unsure", "5", "+1", better=None),
        Card("Alone", "1.84"),
    ]
    app = AppTest.from_function(page, args=(cards,)).run()
    assert not app.exception
    assert app.header[0].value == "**52** contacts"
    assert [metric.label for metric in app.metric] == [r"Came \*back\*", "Solved", "Flat", "Unsure", "Alone"]
    assert [metric.value for metric in app.metric] == ["19 %", "71 %", "5", "5", "1.84"]
    assert [metric.delta for metric in app.metric] == ["+3 pts", "-3 pts", "0", "+1", ""]
    protos = [metric.proto for metric in app.metric]
    bad, gray = protos[0].color, protos[2].color
    assert bad == protos[1].color != gray
    assert [proto.color for proto in protos[3:]] == [gray, gray]
    assert protos[0].direction != protos[1].direction
    assert protos[2].direction == protos[4].direction
    assert list(protos[0].chart_data) == [1, 2, 3]
    assert all(proto.show_border for proto in protos)
    assert [caption.value for caption in app.caption] == ["n = 5", r"No \*comparison\*"]
    assert app.subheader[0].value == "What changed?"


def test_six_cards_are_too_many() -> None:
    with pytest.raises(ValueError, match="6 cards don't fit in a row: at most 5"):
        card_row([Card("x", "1")] * (MOST_CARDS + 1))


def chart_page() -> None:
    import pandas as pd

    from cx_metrics.charts.distribution import distribution
    from pages.shared.cards import chart_card

    frame = pd.DataFrame({"contacts": ["1", "2"], "customers": [3, 1], "share": [0.75, 0.25]})
    chart_card("How often?", "bars", distribution(frame), alt="75 % once", data=frame, key="often")


def test_a_chart_card_has_heading_caption_chart_and_csv() -> None:
    app = AppTest.from_function(chart_page).run()
    assert not app.exception
    assert app.subheader[0].value == "How often?"
    assert app.caption[0].value == "bars"
    (chart,) = app.get("plotly_chart")
    proto = chart.proto
    assert proto.alt == "75 % once"
    assert '"displayModeBar": false' in proto.config
    assert proto.theme == "streamlit"
    (button,) = app.get("download_button")
    assert button.proto.label == "CSV"

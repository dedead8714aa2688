"""The card that says what the coming weeks bring, in contacts or in money."""

from __future__ import annotations

from cx_metrics.charts import forecast as forecast_chart
from cx_metrics.metrics.reasons.forecasts import (
    cost_per_contact,
    forecast_checks,
    forecast_weeks,
    record,
    record_of_all,
)
from pages.shared import cards, forecast_sentences, loaders
from pages.shared.text import plain
from pages.shared.view import View


def intent_of(view: View) -> str | None:
    """The one intent that a view is about; None where it is about several."""
    only = dict(view.now.where).get("intent", ())
    return only[0] if len(only) == 1 else None


def forecast_card(intent: str | None = None) -> None:
    """Contacts of the next 13 weeks, with the ranges' record.

    Args:
        intent: Of which; None for all contacts together.
    """
    weeks = loaders.forecast(forecast_weeks, intent)
    checks = loaders.forecast(forecast_checks, intent)
    worth = forecast_sentences.worth(record(checks), loaders.forecast(record_of_all))
    caption = (forecast_sentences.outlook(weeks), f"{_of(intent)} {worth}", f"{forecast_sentences.MARKS}.")
    cards.chart_card(
        "What do the coming weeks bring?",
        "\n\n".join(caption) if caption[0] else _of(intent),
        loaders.drawn(forecast_chart.forecast, weeks),
        alt=forecast_chart.alt(weeks),
        data=weeks,
        key="forecast",
    )


def forecast_cost_card(intent: str | None = None) -> None:
    """What the next 13 weeks cost, at the cost per contact of the last 4 weeks.

    Args:
        intent: Of which; None for all contacts together.
    """
    weeks = loaders.forecast_cost(intent)
    currency = loaders.home().settings.currency
    each = loaders.ask(cost_per_contact, intent)
    outlook = forecast_sentences.outlook(weeks, currency=currency)
    note = f"{_of(intent)} {forecast_sentences.price_note(each, currency=currency)}"
    cards.chart_card(
        "What will the coming weeks cost?",
        "\n\n".join((outlook, note, f"{forecast_sentences.MARKS}.")) if outlook else _of(intent),
        loaders.drawn(forecast_chart.forecast, weeks, currency=currency),
        alt=forecast_chart.alt(weeks, currency=currency),
        data=weeks,
        key="forecast_cost",
    )


def _of(intent: str | None) -> str:
    what = "Of all contacts together" if intent is None else f"Of all contacts about *{plain(intent)}*"
    return f"{what}; {forecast_sentences.ALL_FILTERS}."

"""The catalogue says what every metric is, and each metric has the shape it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cx_metrics import metrics
from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import METRICS, metric, names
from cx_metrics.metrics.info import MetricInfo
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate, XUnits
from tests.metrics.small_mart import Ticket, small_mart

START = datetime(2026, 1, 15, 12)


def test_the_metrics_are_those_of_the_design() -> None:
    contacts = {"volume", "recontact_rate", "repeat_share", "fcr", "contacts_per_customer", "kept"}
    money = {"cost", "cpx", "chargeback"}
    surveys = {"coverage", "response", "reach", "csat", "nps", "ces"}
    assert set(names()) == contacts | money | surveys
    assert all(METRICS[name].name == name for name in names())


@pytest.mark.parametrize("info", METRICS.values(), ids=names())
def test_every_metric_is_documented(info: MetricInfo) -> None:
    for words in (info.title, info.unit, info.definition, info.formula, info.source):
        assert words
        assert words == words.strip()
    assert 1 <= info.definition.count(". ") + 1 <= 2
    assert info.definition.endswith(".")


@pytest.mark.parametrize("info", METRICS.values(), ids=names())
def test_the_frame_has_the_columns_the_catalogue_says(info: MetricInfo) -> None:
    contacts = [Ticket("crm", str(i), "Ann", START + timedelta(days=i)) for i in range(3)]
    estimate = ["value", "low", "high", "n", "reason"]
    with small_mart(contacts, watermark=START + timedelta(days=9), timezone="UTC") as mart:
        plain = metric(mart, info.name, Slice())
        split = metric(mart, info.name, Slice(by=("channel", "intent"), grain="week"))
    assert [*plain.columns] == [*estimate, *info.parts]
    assert [*split.columns] == ["channel", "intent", "period", *estimate, *info.parts, *info.grain_parts]


@pytest.mark.parametrize("info", METRICS.values(), ids=names())
def test_only_windowed_metrics_depend_on_the_window(info: MetricInfo) -> None:
    starts = [START + timedelta(days=3 * i) for i in range(24)]
    contacts = [
        Ticket("crm", str(i), "Ann" if i % 2 else f"c{i}", at, at + timedelta(hours=1), csat=5, nps=9, ces=6)
        for i, at in enumerate(starts)
    ]
    decided = Decisions(
        stamp="1",
        intents=(IntentDecision("Bill", expected_hours=24),),
        rates=(Rate("(none)", START.date(), Decimal("1.10"), Decimal("0.50"), Decimal(6)),),
        x_units=(XUnits("orders", START.date(), Decimal(100)),),
    )
    with small_mart(contacts, watermark=START + timedelta(days=130), timezone="UTC") as mart:
        answers = [metric(mart.under(decided), info.name, Slice(window=days)) for days in (1, 30)]
    assert answers[0]["reason"].isna().all()
    assert answers[0].equals(answers[1]) != info.windowed


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("volumes", "unknown metric 'volumes': did you mean 'volume'?"),
        ("x", f"unknown metric 'x': allowed: {', '.join(names())}"),
    ],
)
def test_an_unknown_metric_is_refused_in_one_sentence(name: str, words: str) -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart, pytest.raises(BadUse) as error:
        metric(mart, name, Slice())
    assert str(error.value) == words


def test_every_module_of_the_room_is_named_in_its_plan() -> None:
    modules = {path.stem for path in Path(str(metrics.__file__)).parent.glob("*.py")} - {"__init__"}
    assert metrics.__doc__
    assert [name for name in sorted(modules) if name not in metrics.__doc__] == []

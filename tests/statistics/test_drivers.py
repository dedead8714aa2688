"""The joint model of what goes with a yes: against statsmodels, on a known truth, and where no model can say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from statsmodels.discrete.discrete_model import Logit

from cx_metrics.statistics.drivers import OTHER, drivers
from cx_metrics.statistics.many import false_discovery_rate


def simulated(seed: int, *, n: int = 4000) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, NDArray[np.str_]]]:
    """Product is the only true driver; teams follow products; channel and region are noise; customers differ."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, n // 2, n)
    product = np.array(["Cable", "Fiber"])[rng.integers(0, 2, n)]
    is_usual = rng.random(n) < 0.85
    team = np.where((product == "Fiber") == is_usual, "East", "West")
    channel = np.array(["chat", "mail", "phone"])[rng.integers(0, 3, n)]
    odds = -1.2 + 0.9 * (product == "Fiber") + rng.normal(0, 0.7, n // 2)[customer]
    yes = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    return yes, customer, {"product": product, "team": team, "channel": channel}


def test_equals_statsmodels_with_clusters() -> None:
    yes, customer, attributes = simulated(1)
    found = drivers(yes, customer, {name: attributes[name] for name in ("product", "team")})
    product, team = attributes["product"], attributes["team"]
    base = {name: max(set(values), key=list(values).count) for name, values in attributes.items()}
    design = np.column_stack([np.ones(yes.size), product != base["product"], team != base["team"]]).astype(float)
    theirs = Logit(yes, design).fit(disp=0, cov_type="cluster", cov_kwds={"groups": customer})
    effects = theirs.get_margeff(at="overall", dummy=True)
    ends = effects.conf_int()
    by_name = {effect.attribute: effect for effect in found.effects if not np.isnan(effect.low)}
    for at, name in enumerate(("product", "team")):
        effect = by_name[name]
        assert effect.effect == pytest.approx(effects.margeff[at], abs=1e-9)
        assert (effect.low, effect.high) == pytest.approx(tuple(ends[at]), abs=1e-7)
        (tested,) = [attribute for attribute in found.attributes if attribute.name == name]
        assert tested.p == pytest.approx(theirs.wald_test(np.eye(3)[[at + 1]], use_f=False, scalar=True).pvalue)


def test_the_product_is_named_and_the_team_that_has_it_is_not() -> None:
    """One at a time the team would be blamed: more of those it had came back."""
    yes, customer, attributes = simulated(2)
    east = attributes["team"] == "East"
    assert yes[east].mean() - yes[~east].mean() > 0.08
    found = drivers(yes, customer, attributes)
    q = {attribute.name: attribute.q for attribute in found.attributes}
    assert q["product"] < 1e-6
    assert q["team"] > 0.05
    assert q["channel"] > 0.05
    assert found.attributes[0].name == found.effects[0].attribute == "product"
    assert (found.n, found.n_customers, found.reason) == (4000, np.unique(customer).size, None)


def test_q_is_that_of_all_attributes_together() -> None:
    found = drivers(*simulated(3))
    p = [attribute.p for attribute in found.attributes]
    assert [attribute.q for attribute in found.attributes] == pytest.approx(false_discovery_rate(p).tolist())


def test_benjamini_hochberg_published() -> None:
    """Benjamini & Hochberg 1995: of 15 p-values, 4 at 5 %."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    q = false_discovery_rate([*p, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1])
    assert (q <= 0.05).sum() == 4
    assert q[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603], abs=1e-6)


def test_thin_levels_are_taken_together() -> None:
    yes, customer, attributes = simulated(4)
    product = attributes["product"].astype("<U9")
    product[:15] = "Satellite"  # fewer than 20
    product[15:45] = "Copper"  # all came back
    yes[15:45] = 1
    yes[:15] = 0
    found = drivers(yes, customer, {"product": product})
    assert [effect.level for effect in found.effects] == [*_by_size(product, ("Cable", "Fiber")), OTHER]
    assert [(effect.n, effect.yes) for effect in found.effects][-1] == (45, 30)


def test_thin_levels_that_stay_thin_take_the_next_smallest() -> None:
    yes, customer, attributes = simulated(5)
    channel = attributes["channel"].astype("<U9")
    channel[:5] = "fax"
    found = drivers(yes, customer, {"channel": channel})
    largest, middle, _ = _by_size(channel, ("chat", "mail", "phone"))
    assert [effect.level for effect in found.effects] == [largest, middle, OTHER]


def _by_size(values: NDArray[np.str_], names: tuple[str, ...]) -> list[str]:
    return sorted(names, key=lambda name: -(values == name).sum())


def test_what_says_nothing_beyond_the_others_is_left_out() -> None:
    yes, customer, attributes = simulated(6)
    twin = np.where(attributes["product"] == "Fiber", "glass", "copper")
    found = drivers(yes, customer, {"product": attributes["product"], "wire": twin, "country": np.full(yes.size, "DE")})
    assert found.left_out == ("wire", "country")
    assert [attribute.name for attribute in found.attributes] == ["product"]


@pytest.mark.parametrize(
    ("yes", "reason"), [(0, "none of them came back"), (1, "all of them came back")], ids=["none", "all"]
)
def test_without_any_difference_there_is_a_reason(yes: int, reason: str) -> None:
    found = drivers(np.full(100, yes), np.arange(100), {"a": ["x", "y"] * 50})
    assert (found.reason, found.attributes, found.effects) == (reason, (), ())


def test_too_few_customers_and_nothing_to_tell_them_apart() -> None:
    assert drivers([1, 0] * 50, [1, 2] * 50, {"a": ["x", "y"] * 50}).reason == "fewer than 30 customers"
    assert drivers([], [], {}).reason == "fewer than 30 customers"
    alike = drivers([1, 0] * 50, np.arange(100), {"a": ["x"] * 100})
    assert alike.reason == "they are alike in everything that is known of them"


def test_separation_gives_a_reason_and_no_numbers() -> None:
    """Each attribute has both answers at each level, but together they tell nearly all: no finite fit."""
    a = np.repeat(["x", "x", "y", "y"], 60)
    b = np.tile(np.repeat(["u", "v"], 60), 2)
    yes = ((a == "x") & (b == "u")).astype(int)
    found = drivers(yes, np.arange(240), {"a": a, "b": b})
    assert found.reason is not None
    assert found.effects == ()

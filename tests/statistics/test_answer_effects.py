"""Effects of attributes together: statsmodels' logit answer by answer, confounding, and thin levels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cx_metrics.statistics.answer_effects import answer_effects


def cells(seed: int) -> pd.DataFrame:
    """Cells of two attributes, their trials and successes."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(a, b) for a in "xyz" for b in "uv"], columns=["first", "second"])
    frame["n"] = rng.integers(60, 400, len(frame))
    chance = 0.1 + 0.1 * (frame["first"] == "y") + 0.05 * (frame["second"] == "v")
    return frame.assign(k=rng.binomial(frame["n"], chance))


def found(frame: pd.DataFrame) -> pd.DataFrame:
    return answer_effects(frame["k"], frame["n"], {name: frame[name] for name in ("first", "second")})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_margins_of_statsmodels_logit(seed: int) -> None:
    """Answer by answer; of three levels, each is compared with the first among the contacts of these two."""
    frame = cells(seed)
    frame["first"] = frame["first"].replace("z", "y")
    frame = frame.groupby(["first", "second"], as_index=False)[["n", "k"]].sum()
    effects = found(frame)
    people = frame.loc[frame.index.repeat(frame["n"])].reset_index(drop=True)
    starts = frame["n"].cumsum() - frame["n"]
    said = np.zeros(len(people))
    for start, k in zip(starts, frame["k"], strict=True):
        said[start : start + k] = 1
    columns = {row.level: (people[row.attribute] == row.level).astype(float) for row in effects.itertuples()}
    fit = sm.Logit(said, sm.add_constant(pd.DataFrame(columns))).fit(disp=0)
    margins = fit.get_margeff(at="overall", dummy=True)
    assert effects["effect"].to_numpy() == pytest.approx(margins.margeff, abs=1e-7)
    chance = fit.predict()[starts]
    misfit = (frame["n"] * (frame["k"] / frame["n"] - chance) ** 2 / (chance * (1 - chance))).sum()
    half = (effects["high"] - effects["low"]) / 2
    spread = np.sqrt(max(misfit / (len(frame) - 3), 1.0))
    assert half.to_numpy() == pytest.approx(1.959963984540054 * margins.margeff_se * spread, rel=1e-5)


def test_three_levels_each_against_the_most_frequent() -> None:
    """One attribute alone: the model is saturated, and the effects are the plain differences."""
    effects = answer_effects([30, 30, 12], [300, 200, 100], {"channel": ["phone", "chat", "mail"]})
    assert effects["level"].tolist() == ["chat", "mail"]
    assert effects["effect"].to_numpy() == pytest.approx([0.05, 0.02], abs=1e-6)
    error = np.sqrt(0.15 * 0.85 / 200 + 0.1 * 0.9 / 300)
    assert effects["high"].iloc[0] - 0.05 == pytest.approx(1.959963984540054 * error, rel=1e-4)


def test_what_the_product_does_is_not_blamed_on_the_team() -> None:
    """Team T mostly serves product A, whose customers answer less; within a product the teams are alike."""
    frame = pd.DataFrame(
        {"product": list("AABB"), "team": list("TSTS"), "n": [900, 100, 100, 900], "k": [90, 11, 29, 270]}
    )
    effects = answer_effects(frame["k"], frame["n"], {"product": frame["product"], "team": frame["team"]})
    assert effects["attribute"].tolist() == ["product", "team"]
    assert effects["effect"].to_numpy() == pytest.approx([0.19, -0.01], abs=1e-6)
    assert (effects["p"] < 1e-6).tolist() == [True, False]
    assert effects["p"].iloc[1] > 0.5


def test_levels_too_thin_are_taken_together_and_not_told() -> None:
    frame = pd.DataFrame({"level": ["a", "b", "tiny", "none"], "n": [500, 400, 5, 300], "k": [100, 40, 2, 0]})
    effects = answer_effects(frame["k"], frame["n"], {"level": frame["level"]})
    assert effects["level"].tolist() == ["b"]
    assert effects["reference"].tolist() == ["a"]
    assert effects["effect"].iloc[0] == pytest.approx(40 / 400 - 100 / 500, abs=1e-6)


@pytest.mark.parametrize(
    ("k", "n", "level"),
    [([], [], []), ([0, 0], [50, 50], ["a", "b"]), ([5, 9], [50, 50], ["a", "a"]), ([0], [0], ["a"])],
    ids=["nothing", "nobody", "one level", "no trials"],
)
def test_nothing_to_compare(k: list[int], n: list[int], level: list[str]) -> None:
    assert answer_effects(k, n, {"level": level}).empty


def test_attributes_that_say_the_same_give_no_model() -> None:
    frame = pd.DataFrame({"a": ["x", "y"], "n": [500, 400], "k": [100, 40]})
    assert answer_effects(frame["k"], frame["n"], {"a": frame["a"], "b": frame["a"]}).empty


def test_beyond_the_most_frequent_levels_are_taken_together() -> None:
    levels = [f"{number:03}" for number in range(60)]
    n = [1_000 - 10 * number for number in range(60)]
    effects = answer_effects([size // 5 + number % 7 for number, size in enumerate(n)], n, {"level": levels})
    assert effects["level"].tolist() == levels[1:40]
    assert effects["reference"].unique().tolist() == ["000"]


def test_splitting_a_cell_changes_nothing() -> None:
    frame = cells(4)
    halves = pd.concat([frame.assign(k=frame["k"] // 2, n=frame["n"] // 2) for _ in range(2)])
    halves["k"] += np.repeat([0, 1], len(frame)) * np.tile(frame["k"] % 2, 2)
    halves["n"] += np.repeat([0, 1], len(frame)) * np.tile(frame["n"] % 2, 2)
    whole, parts = found(frame), found(halves)
    assert parts["effect"].to_numpy() == pytest.approx(whole["effect"].to_numpy(), abs=1e-12)
    assert parts["high"].to_numpy() == pytest.approx(whole["high"].to_numpy(), abs=1e-12)

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.fishbone import MOST_ON_BONE, fishbone, fishbone_alt, fishbone_list
from tests.charts.frames import NASTY, check, strings, traces

BONES = ("people", "process", "product", "policy", "system", "communication")
COLUMNS = ["bone", "cause", "n", "state", "whys"]
DRAWN = [fishbone, fishbone_list]


def bone_frame(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


THREE = bone_frame(
    ("product", "overheats", 80, "suspected", ""),
    ("system", "drops the line", 1214, "confirmed", "the lease runs out"),
    ("product", "weak supply", None, "ruled out", ""),
)


def note(figure: go.Figure, text: str) -> Any:
    (found,) = [each for each in figure.layout.annotations if text in each.text]
    return found


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_filled_is_confirmed_hollow_is_suspected_and_pale_and_struck_is_ruled_out(draw: Any) -> None:
    figure = draw(THREE, effect="internet down", bones=BONES)
    check(figure)
    looks = {trace.name: (trace.marker.symbol, trace.marker.color, list(trace.ids)) for trace in figure.data[1:]}
    assert looks == {
        "confirmed": ("circle", palette.OURS, ["drops the line"]),
        "suspected": ("circle-open", palette.OURS, ["overheats"]),
        "ruled out": ("x-thin-open", palette.UNSURE, ["weak supply"]),
    }
    assert note(figure, "weak supply").font.lineposition == "through"
    assert note(figure, "weak supply").opacity == 0.7
    assert note(figure, "overheats").font.lineposition is None


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_counts_stand_behind_causes_and_are_left_out_where_nobody_counted(draw: Any) -> None:
    figure = draw(THREE, effect="internet down", bones=BONES)
    assert note(figure, "overheats").text == "overheats\u00a0·\u00a080"
    assert note(figure, "drops").text.endswith("\u00a0·\u00a01\u202f214")
    assert note(figure, "weak supply").text == "weak supply"
    (sure,) = traces(figure, "confirmed")
    assert list(sure.hovertext) == ["<b>drops the line</b><br>system<br>1\u202f214 contacts<br>Why? the lease runs out"]


def test_bones_alternate_above_and_below_and_end_on_the_spine() -> None:
    figure = fishbone(THREE, effect="internet down", bones=BONES)
    heights = [note(figure, bone).y for bone in BONES]
    assert [height > 0 for height in heights] == [True, False] * 3
    spine, *bones = figure.layout.shapes[:7]
    assert (spine.y0, spine.y1) == (0, 0)
    assert [bone.y1 for bone in bones] == [0] * 6
    assert [bone.x1 for bone in bones] == [28, 28, 56, 56, 84, 84]
    assert note(figure, "internet").x > spine.x1


def test_each_cause_hangs_on_its_own_bone() -> None:
    figure = fishbone(THREE, effect="internet down", bones=BONES)
    ends = [(twig.x1, twig.y1) for twig in figure.layout.shapes[7:]]
    names = [note(figure, bone) for bone in ("product", "product", "system")]
    feet = [56, 56, 84]
    for (x, y), tip, foot in zip(ends, names, feet, strict=True):
        assert (foot - x) / (foot - tip.x) == pytest.approx(y / tip.y)
        assert 0 < y / tip.y < 1


def test_no_two_texts_overlap_with_four_causes_on_each_bone() -> None:
    rows = [
        (BONES[at % 6], f"cause {at} in so many words that two lines are full", at, "suspected", "") for at in range(24)
    ]
    figure = fishbone(bone_frame(*rows), effect="internet down", bones=BONES)
    check(figure)
    texts = [each for each in figure.layout.annotations if each.text.startswith("cause")]
    assert len(texts) == 24
    assert max(each.text.count("<br>") for each in texts) == 1
    for bone in range(6):
        own = sorted(each.y for each in texts if int(each.text.split()[1].partition("<")[0]) % 6 == bone)
        assert all(above - below >= 40 for below, above in pairwise(own))
        assert all(y >= 1 or y + 34 < 0 for y in own)  # no text lies on the spine


def test_a_bone_says_how_many_causes_are_not_drawn() -> None:
    rows = [("people", f"cause {at}", at, "suspected", "") for at in range(MOST_ON_BONE + 3)]
    figure = fishbone(bone_frame(*rows), effect="x", bones=BONES)
    assert note(figure, "people").text == "people (and 3 more)"
    (drawn,) = traces(figure, "suspected")
    assert sorted(drawn.ids) == sorted(f"cause {at}" for at in range(3, MOST_ON_BONE + 3))
    (listed,) = traces(fishbone_list(bone_frame(*rows), effect="x", bones=BONES), "suspected")
    assert len(listed.ids) == MOST_ON_BONE + 3


def test_own_bones_come_after_the_usual_ones_and_take_the_place_of_empty_ones() -> None:
    one = fishbone(bone_frame(("weather", "storm", 3, "suspected", "")), effect="x", bones=BONES)
    assert [each.text for each in one.layout.annotations][1:8] == [*BONES, "weather"]
    rows = [(f"own {at}", "a cause", None, "suspected", "") for at in range(3)]
    many = fishbone(bone_frame(*rows), effect="x", bones=BONES)
    assert [each.text for each in many.layout.annotations][1:4] == ["own 0", "own 1", "own 2"]


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_words_from_people_are_never_markup(draw: Any) -> None:
    rows = [(nasty, nasty, 1, "suspected", nasty) for nasty in NASTY]
    figure = draw(bone_frame(*rows), effect=NASTY[0], bones=())
    check(figure)
    for text in strings(figure.to_dict()["layout"]["annotations"]):
        assert "<b>" not in text
        assert "%{" not in text
        assert "$" not in text


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_a_long_cause_is_cut_with_its_count_kept(draw: Any) -> None:
    figure = draw(bone_frame(("people", "word " * 200, 7, "suspected", "")), effect="e" * 300, bones=BONES)
    assert note(figure, "word").text.endswith("\u00a0…\u00a0·\u00a07")
    assert note(figure, "word").text.count("<br>") <= 2


def test_without_causes_there_is_a_skeleton_to_fill() -> None:
    figure = fishbone(bone_frame(), effect="internet down", bones=BONES)
    check(figure)
    assert [each.text for each in figure.layout.annotations] == ["internet down", *BONES]
    listed = fishbone_list(bone_frame(), effect="internet down", bones=BONES)
    check(listed)
    assert note(listed, "No cause was noted yet.").y < 0


def test_alt_says_how_many_and_names_the_confirmed() -> None:
    assert fishbone_alt(THREE, effect="internet down") == (
        "Fishbone of internet down: 3 causes on 2 bones, 1 confirmed, 1 suspected, 1 ruled out. "
        "Confirmed: drops the line (system)."
    )
    assert fishbone_alt(bone_frame(), effect="x") == "Fishbone of x: no cause was noted yet."
    one = fishbone_alt(THREE.head(1), effect="x")
    assert one == "Fishbone of x: 1 cause on 1 bone, 1 suspected."

"""The light and the dark theme: what ``.streamlit/config.toml`` must say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cx_metrics.charts import palette


@dataclass(frozen=True)
class Tint:
    """A colour with a meaning, as Streamlit uses it.

    Attributes:
        mark: For lines, dots and bars.
        text: For words on the page and on its own background.
        background: Pale, behind words.
    """

    mark: str
    text: str
    background: str


@dataclass(frozen=True)
class Theme:
    """The colours of one appearance, each ``#RRGGBB``.

    Attributes:
        page: Behind everything.
        raised: Behind the sidebar and inputs.
        text: Words.
        border: Lines around cards.
        primary: Buttons and what is selected; white stands on it.
        missed: Missed, or rising.
        met: Met, or falling.
        ours: Ours, or observed; also links.
        unsure: Can't tell.
    """

    page: str
    raised: str
    text: str
    border: str
    primary: str
    missed: Tint
    met: Tint
    ours: Tint
    unsure: Tint

    def options(self) -> dict[str, Any]:
        """The theme in Streamlit's words, as it stands in the configuration file."""
        tints = {
            "red": self.missed,
            "orange": self.missed,
            "green": self.met,
            "blue": self.ours,
            "gray": self.unsure,
        }
        return {
            "primaryColor": self.primary,
            "backgroundColor": self.page,
            "secondaryBackgroundColor": self.raised,
            "textColor": self.text,
            "borderColor": self.border,
            "linkColor": self.ours.text,
            "dataframeHeaderBackgroundColor": self.raised,
            "chartCategoricalColors": list(palette.CATEGORIES),
            **{f"{name}Color": tint.mark for name, tint in tints.items()},
            **{f"{name}TextColor": tint.text for name, tint in tints.items()},
            **{f"{name}BackgroundColor": tint.background for name, tint in tints.items()},
        }


LIGHT = Theme(
    page="#FFFFFF",
    raised="#F6F7F9",
    text="#12151B",
    border="#E1E4E9",
    primary=palette.OURS,
    missed=Tint(palette.MISSED, "#B23A0B", "#FDEDE6"),
    met=Tint(palette.MET, "#077150", "#E3F6F0"),
    ours=Tint(palette.OURS, "#3B5BDB", "#EDF1FE"),
    unsure=Tint(palette.UNSURE, "#5C636E", "#EEF0F3"),
)

DARK = Theme(
    page="#111418",
    raised="#171A21",
    text="#E9ECF1",
    border="#2B3038",
    # A trifle lighter than ours, which selected chips would hide on the dark page.
    primary="#4263EB",
    missed=Tint(palette.MISSED, "#FF9466", "#3A1D10"),
    met=Tint(palette.MET, "#38D9A9", "#0B2E25"),
    ours=Tint(palette.OURS, "#91A7FF", "#1B2447"),
    unsure=Tint(palette.UNSURE, "#ADB5BD", "#2A2E35"),
)

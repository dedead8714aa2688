"""Every page there is: navigation, links and tests read it here. Pure: no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class PageInfo:
    """One page.

    Attributes:
        key: Its name in code, and its path in the address ("" for the page at ``/``).
        file: Its script, from the project's folder.
        title: Its name in the navigation.
        icon: Its icon.
        section: Its heading in the navigation.
        question: The question it answers.
        filtered: Whether the shared filters apply to it.
    """

    key: str
    file: str
    title: str
    icon: str
    section: str
    question: str
    filtered: bool

    @property
    def script(self) -> str:
        """The full path of its script, as links and navigation need it."""
        return str(_PROJECT / self.file)


PAGES: tuple[PageInfo, ...] = (
    PageInfo(
        "overview",
        "pages/explore/overview.py",
        "Overview",
        ":material/dashboard:",
        "Explore",
        "What do we hear, what changed, and which reasons weigh most?",
        filtered=True,
    ),
    PageInfo(
        "intents",
        "pages/explore/intents.py",
        "Intents",
        ":material/forum:",
        "Explore",
        "How do the reasons for contacting us move, and which move more than usual?",
        filtered=True,
    ),
    PageInfo(
        "intent",
        "pages/explore/intent.py",
        "Intent",
        ":material/search_insights:",
        "Explore",
        "How often do customers ask about one thing, how often again, and what do they say?",
        filtered=True,
    ),
    PageInfo(
        "upload",
        "pages/manage/upload.py",
        "Upload",
        ":material/upload:",
        "Manage",
        "Bring in an extract, see what is taken and what is not, and take a load back.",
        filtered=False,
    ),
    PageInfo(
        "methods",
        "pages/manage/methods.py",
        "Methods",
        ":material/menu_book:",
        "Manage",
        "What every number means, and which settings are in force.",
        filtered=False,
    ),
)

HOME = PAGES[0]


def page(key: str) -> PageInfo:
    """The page of that key.

    Raises:
        KeyError: There is none.
    """
    return next(info for info in PAGES if info.key == key)

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
        "cost",
        "pages/explore/cost.py",
        "Cost",
        ":material/payments:",
        "Explore",
        "What do contacts cost, which intents drive it, and what would less of them save?",
        filtered=True,
    ),
    PageInfo(
        "chargeback",
        "pages/explore/chargeback.py",
        "Chargeback",
        ":material/receipt_long:",
        "Explore",
        "Who pays for a month's contacts, line by line, and what has no owner?",
        filtered=False,
    ),
    PageInfo(
        "repeats",
        "pages/explore/repeats.py",
        "Repeat contacts",
        ":material/replay:",
        "Explore",
        "How many customers have to come back, how soon, about what, and what goes with it?",
        filtered=True,
    ),
    PageInfo(
        "resolution",
        "pages/explore/resolution.py",
        "First contact resolution",
        ":material/task_alt:",
        "Explore",
        "Is it solved at the first contact, which intents miss their target, and what can't be told yet?",
        filtered=True,
    ),
    PageInfo(
        "surveys",
        "pages/explore/surveys.py",
        "Survey coverage",
        ":material/hearing:",
        "Explore",
        "Whom do we hear, whom don't we, and what can be said about the silent?",
        filtered=True,
    ),
    PageInfo(
        "expectations",
        "pages/explore/expectations.py",
        "Expectations",
        ":material/schedule:",
        "Explore",
        "How long does it take, is it what we promised, and who waits although it is urgent?",
        filtered=True,
    ),
    PageInfo(
        "prevention",
        "pages/explore/prevention.py",
        "Prevention",
        ":material/health_and_safety:",
        "Explore",
        "Did telling customers beforehand help, which self-help fails, and which channel fits?",
        filtered=True,
    ),
    PageInfo(
        "priorities",
        "pages/explore/priorities.py",
        "Priorities",
        ":material/grid_view:",
        "Explore",
        "Which reasons should we eliminate, automate, simplify or leverage, and who has to act?",
        filtered=True,
    ),
    PageInfo(
        "reviews",
        "pages/act/reviews.py",
        "Reviews",
        ":material/flag:",
        "Act",
        "What is paused or under investigation, what is overdue, and which signals ask for a review?",
        filtered=False,
    ),
    PageInfo(
        "review",
        "pages/act/review.py",
        "Review",
        ":material/troubleshoot:",
        "Act",
        "What happened to one intent, what is done about it, and did it help?",
        filtered=False,
    ),
    PageInfo(
        "my_intents",
        "pages/act/my_intents.py",
        "My intents",
        ":material/person:",
        "Act",
        "What do my intents cost, do they meet their targets, and what is mine to do?",
        filtered=False,
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
        "settings",
        "pages/manage/settings.py",
        "Settings",
        ":material/tune:",
        "Manage",
        "Who owns which intent, what do contacts cost, and by what are they divided?",
        filtered=False,
    ),
    PageInfo(
        "audit",
        "pages/manage/audit.py",
        "Audit",
        ":material/history:",
        "Manage",
        "Who did what, when and from where, and to whom did contact rows go?",
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

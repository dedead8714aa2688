"""Which action belongs to which page, and the table of who may do what that is made of it. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from cx_metrics.store.people.access import MATRIX, Action, Role
from pages.shared.registry import PageInfo, page

_SEE = Action.SEE_NUMBERS
_ROWS = (Action.SEE_CONTACTS, Action.EXPORT_CONTACTS)

PAGE_ACTIONS: Mapping[str, tuple[Action, ...]] = MappingProxyType(
    {
        "overview": (_SEE, Action.FLAG),
        "intents": (_SEE, Action.FLAG),
        "intent": (_SEE, Action.FLAG, *_ROWS),
        "cost": (_SEE, Action.FLAG),
        "chargeback": (_SEE, *_ROWS, Action.DISPUTE, Action.SETTLE, Action.CLOSE),
        "repeats": (_SEE, Action.SEE_CONTACTS),
        "resolution": (_SEE, Action.FLAG),
        "surveys": (_SEE, Action.FLAG, *_ROWS, Action.FOLLOW_UP),
        "expectations": (_SEE,),
        "prevention": (_SEE, Action.NOTE_ALERT),
        "priorities": (_SEE,),
        "reviews": (_SEE, Action.FLAG, Action.TELL),
        "review": (_SEE, *_ROWS, Action.STEP, Action.TELL),
        "my_intents": (_SEE, Action.FLAG, *_ROWS, Action.FOLLOW_UP),
        "upload": (Action.LOAD, Action.SAVE_MAPPING, Action.WITHDRAW, *_ROWS),
        "settings": (_SEE, Action.DECIDE, Action.GIVE_ROLES, Action.READ_AUDIT),
        "audit": (Action.READ_AUDIT,),
        "methods": (_SEE, Action.DECIDE),
    }
)
"""What can be done on each page; the first action is what it takes to open it."""


def to_open(info: PageInfo) -> Action:
    """What somebody must be allowed to do to open a page."""
    return PAGE_ACTIONS[info.key][0]


def who_may_do_what() -> pd.DataFrame:
    """One row for each page and action: ``page``, ``action``, and for each role yes, no or own intents."""
    rows = [
        {"page": page(key).title, "action": str(action)}
        | {str(role): str(right) for role, right in MATRIX[action].items()}
        for key, actions in PAGE_ACTIONS.items()
        for action in actions
    ]
    return pd.DataFrame(rows, columns=["page", "action", *map(str, Role)])

"""Access on the Settings page: who is what, given by admins; and who may do what, for everybody to read."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.people.access import Action, Role
from cx_metrics.store.people.roles import MOST_CHARACTERS, Rule
from pages.shared import format as write
from pages.shared import giving, signing, who
from pages.shared.frame import show_error
from pages.shared.loaders import home
from pages.shared.rights import who_may_do_what
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain

SAID = "access_said"
_KINDS = {"email": "E-mail address", "group": "Group"}


def draw(present: Decisions) -> None:
    """The rules with the forms that change them, and the table of rights.

    Args:
        present: What is decided, with the owners of intents.
    """
    if said := st.session_state.pop(SAID, None):
        st.success(plain(said), icon=":material/check_circle:")
    if not signing.signs_in():
        st.caption(
            "Nobody signs in here: whoever opens the dashboard acts as an admin. Roles count once sign-in is set up "
            "in .streamlit/secrets.toml; they can be given before."
        )
    if who.may(Action.GIVE_ROLES):
        _rules(present)
    _matrix()


def _rules(present: Decisions) -> None:
    st.subheader("Who is what", anchor=False)
    found, settings = giving.rules(), home().settings
    first = ", ".join(sorted(settings.admin_emails)) or "none"
    others = f"has the role {settings.default_role}" if settings.default_role else "sees nothing"
    st.caption(
        f"Of several rules the highest role counts. Always admins (CX_ADMINS): {plain(first)}. "
        f"Who signs in without a rule {others} (CX_DEFAULT_ROLE). Groups come from the provider's claim "
        f"{plain(settings.group_claim)} (CX_GROUP_CLAIM)."
    )
    missing = giving.owners_without_a_rule(present, found)
    if missing:
        named = ", ".join(missing[:5]) + (f" and {write.count(len(missing) - 5)} more" if len(missing) > 5 else "")
        st.caption(f":material/person_alert: Owners of intents without a role of their own: {plain(named)}.")
    chosen = _table(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Give a role", icon=":material/person_add:"):
            _form()
        label = "Take away (choose a rule first)" if chosen is None else f"Take away: {plain(chosen.value)}"
        if st.button(label, icon=":material/person_remove:", disabled=chosen is None, key="take_role"):
            assert chosen is not None
            _take(chosen)


def _table(found: tuple[Rule, ...]) -> Rule | None:
    """The rules; the one that is selected."""
    if not found:
        st.caption("No rule yet.")
        return None
    zone = home().settings.zone
    frame = pd.DataFrame(
        {
            "who": [rule.value for rule in found],
            "kind": [_KINDS[rule.kind] for rule in found],
            "role": [str(rule.role) for rule in found],
            "given_by": [rule.given_by for rule in found],
            "given_at": [write.stamp(rule.given_at, zone) for rule in found],
        }
    )
    # Another key once a rule changed: the row below must not be the one chosen then.
    key = f"roles_{st.session_state.get('roles_changed', 0)}"
    chosen = data_table(frame, _RULES, alt="Who has which role", key=key, select=True)
    csv_button(frame, key="roles")
    return None if chosen is None or chosen >= len(found) else found[chosen]


_RULES = (
    Column("who", "Who", pinned=True),
    Column("kind", "By"),
    Column("role", "Role"),
    Column("given_by", "Given by"),
    Column("given_at", "At"),
)


def _form() -> None:
    with st.form(f"give_role_{st.session_state.get('roles_changed', 0)}", border=False):
        kind = st.radio("To", list(_KINDS), format_func=_KINDS.__getitem__, horizontal=True)
        value = st.text_input("Address or group", max_chars=MOST_CHARACTERS, placeholder="ann@example.com")
        role = st.radio("Role", [str(each) for each in Role], horizontal=True)
        if not st.form_submit_button("Give it", type="primary"):
            return
        try:
            giving.give(kind=str(kind), value=value, role=str(role))
        except CxError as error:
            show_error(error)
        else:
            _say(f"{value.strip()} is {role} from now on.")


def _take(rule: Rule) -> None:
    try:
        giving.take_away(rule)
    except CxError as error:
        show_error(error)
    else:
        _say(f"{rule.value} is no longer {rule.role} by a rule; it counts from their next click.")


def _say(text: str) -> None:
    st.session_state[SAID] = text
    st.session_state["roles_changed"] = st.session_state.get("roles_changed", 0) + 1
    st.rerun()


def _matrix() -> None:
    st.subheader("Who may do what", anchor=False)
    mine = who.person().role
    st.caption(
        f"Page by page. You are {mine}. Own intents: those whose owner has your e-mail address. "
        "It holds for pages, tables and files alike; the command line asks nobody."
    )
    frame = who_may_do_what()
    columns = [Column("page", "Page", pinned=True), Column("action", "Action")]
    columns += [Column(str(role), f"{str(role).capitalize()}{' (you)' if role is mine else ''}") for role in Role]
    data_table(frame, columns, alt="Which role may do what on which page", key="matrix")
    csv_button(frame, key="matrix")

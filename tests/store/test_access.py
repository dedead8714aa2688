"""Who may do what, against a table written by hand; and the rules that give roles, on both databases."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from cx_metrics.config import Settings
from cx_metrics.errors import BadInput, NotAllowed
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.people import roles
from cx_metrics.store.people.access import (
    MATRIX,
    Action,
    Person,
    Right,
    Role,
    allowed,
    allowed_somewhere,
    require,
    who_may,
)
from cx_metrics.store.records import Audit
from tests.store.rights_by_hand import cells

MINE, OTHERS = "Billing", "Outage"


def somebody(role: Role | None) -> Person:
    return Person("ann@example.com", role, frozenset({MINE}) if role is Role.OWNER else None, "test")


@pytest.mark.parametrize(("action", "role", "word"), cells(), ids=str)
def test_each_cell(action: Action, role: Role, word: str) -> None:
    asking = somebody(role)
    assert [allowed(asking, action, intent=intent) for intent in (MINE, OTHERS, None)] == {
        "yes": [True, True, True],
        "own": [True, False, False],
        "no": [False, False, False],
    }[word]
    assert allowed_somewhere(asking, action) == (word != "no")


def test_the_table_has_every_action_and_nobody_loses_by_a_higher_role() -> None:
    assert {action for action, _, _ in cells()} == set(Action) == set(MATRIX)
    far = [Right.NO, Right.OWN, Right.YES]
    for rights in MATRIX.values():
        assert all(far.index(rights[low]) <= far.index(rights[high]) for low, high in pairwise(Role))


@pytest.mark.parametrize("action", Action)
def test_without_a_role_nothing_goes(action: Action) -> None:
    assert not allowed(somebody(None), action, intent=MINE)
    assert (
        not allowed(replace(somebody(Role.OWNER), intents=frozenset()), action) or MATRIX[action][Role.OWNER] == "yes"
    )


def test_a_refusal_says_who_what_who_may_and_whom_to_ask() -> None:
    asking = replace(somebody(Role.OWNER), ask="cx@example.com")
    with pytest.raises(NotAllowed) as said:
        require(asking, Action.SEE_CONTACTS, intent=OTHERS)
    assert str(said.value) == (
        "ann@example.com (owner) may not see contact rows of 'Outage'. "
        "Owners of the intent, analysts and admins may. Ask cx@example.com."
    )
    assert who_may(Action.CLOSE) == "Admins"
    require(asking, Action.SEE_CONTACTS, intent=MINE)


def test_the_highest_of_several_roles_counts(home: Home) -> None:
    settings = home.settings.model_copy(update={"admins": " Root@Example.com, ", "default_role": "viewer"})
    with home.session() as session:
        roles.give(session, kind="email", value="Ann@Example.com", role="owner", actor="root")
        roles.give(session, kind="group", value="CX", role="analyst", actor="root")
        deciding.save_intents(session, [IntentDecision(MINE, owner="Ann", owner_email="ANN@example.com")], actor="root")

        def role(email: str, *groups: str, default: Settings = settings) -> tuple[Role | None, frozenset[str] | None]:
            found = roles.person(session, email=email, groups=groups, settings=default, origin="test")
            return found.role, found.intents

        assert role("ann@example.COM") == (Role.OWNER, frozenset({MINE}))
        assert role("ann@example.com", "CX") == (Role.ANALYST, None)
        assert role("bob@example.com", "cx") == (Role.VIEWER, None)  # a group is called as the provider calls it
        assert role("root@example.com") == (Role.ADMIN, None)
        assert role("CX", default=home.settings) == (None, frozenset())


def test_rules_are_audited_and_an_admin_stays(home: Home) -> None:
    with home.session() as session:
        assert roles.give(session, kind="email", value=" Ann@Example.com ", role="admin", actor="root")
        assert not roles.give(session, kind="email", value="ann@example.com", role="admin", actor="root")
        with pytest.raises(BadInput, match="last rule that makes an admin"):
            roles.take_away(session, kind="email", value="ann@example.com", actor="ann", lasting=())
        assert roles.give(session, kind="group", value="staff", role="viewer", actor="ann")
        assert roles.give(session, kind="group", value="staff", role="admin", actor="ann")
        assert roles.take_away(session, kind="email", value="ann@example.com", actor="ann", lasting=())
        assert not roles.take_away(session, kind="email", value="ann@example.com", actor="ann", lasting=())
        assert [(rule.kind, rule.value, rule.role, rule.given_by) for rule in roles.rules(session)] == [
            ("group", "staff", Role.ADMIN, "ann")
        ]
        trail = session.query(Audit).order_by(Audit.id).all()
    assert [(row.actor, row.action, row.subject, row.before, row.after) for row in trail] == [
        ("root", "give role", "email ann@example.com", None, {"role": "admin"}),
        ("ann", "give role", "group staff", None, {"role": "viewer"}),
        ("ann", "give role", "group staff", {"role": "viewer"}, {"role": "admin"}),
        ("ann", "give role", "email ann@example.com", {"role": "admin"}, None),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "role", "said"),
    [
        ("email", "ann", "viewer", "'ann' is no e-mail address"),
        ("email", "ann@x y", "viewer", "is no e-mail address"),
        ("email", " ", "viewer", "Name an e-mail address or a group"),
        ("group", "x" * 321, "viewer", "at most 320 characters"),
        ("team", "a", "viewer", "by email or group, not by 'team'"),
        ("group", "a", "adnim", "'adnim' is no role; did you mean 'admin'"),
    ],
)
def test_what_is_no_rule_is_not_kept(home: Home, kind: str, value: str, role: str, said: str) -> None:
    with home.session() as session:
        with pytest.raises(BadInput, match=said):
            roles.give(session, kind=kind, value=value, role=role, actor="root")
        assert roles.rules(session) == ()
        assert session.query(Audit).count() == 0

"""The rules that give roles, as the Access tab reads and writes them."""

from __future__ import annotations

from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.people import roles
from cx_metrics.store.people.access import Action
from cx_metrics.store.people.roles import Rule
from pages.shared import who
from pages.shared.loaders import home


def rules() -> tuple[Rule, ...]:
    """Every rule.

    Raises:
        NotAllowed: Who is looking may not give roles.
    """
    who.acting(Action.GIVE_ROLES)
    with home().session() as session:
        return roles.rules(session)


def give(*, kind: str, value: str, role: str) -> bool:
    """Give a role to an address or a group; whether that changed anything.

    Raises:
        CxError: It was not given; the message says why.
    """
    actor = who.acting(Action.GIVE_ROLES)
    with home().session() as session:
        changed = roles.give(session, kind=kind, value=value, role=role, actor=actor)
    who.look_again()
    return changed


def take_away(rule: Rule) -> bool:
    """Take a rule away; whether it was still there.

    Raises:
        CxError: It stays; the message says why.
    """
    actor, lasting = who.acting(Action.GIVE_ROLES), home().settings.admin_emails
    with home().session() as session:
        gone = roles.take_away(session, kind=rule.kind, value=rule.value, actor=actor, lasting=lasting)
    who.look_again()
    return gone


def owners_without_a_rule(present: Decisions, given: tuple[Rule, ...]) -> list[str]:
    """Addresses of owners of intents for whom there is no rule of their own, and who are no first admins."""
    known = {rule.value for rule in given if rule.kind == "email"} | home().settings.admin_emails
    owners = {(each.owner_email or "").strip().casefold() for each in present.intents}
    return sorted(owners - known - {""})

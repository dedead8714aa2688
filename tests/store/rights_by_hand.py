"""Who may do what, written down by hand: viewer, owner, analyst, admin; ``own`` means about intents of their own."""

from __future__ import annotations

from cx_metrics.store.people.access import Action, Role

BY_HAND = """
see numbers           yes yes yes yes
see contact rows      no  own yes yes
export contact rows   no  own yes yes
load extracts         no  no  yes yes
withdraw loads        no  no  yes yes
save mappings         no  no  yes yes
flag intents          no  own yes yes
work on reviews       no  own yes yes
send messages again   no  no  yes yes
work off follow-ups   no  own yes yes
note alerts           no  own yes yes
dispute bills         no  own yes yes
answer disputes       no  no  yes yes
close months          no  no  no  yes
set decisions         no  no  no  yes
give roles            no  no  no  yes
read the audit trail  no  no  no  yes
erase customers       no  no  no  yes
"""


def cells() -> list[tuple[Action, Role, str]]:
    """Every cell: the action, the role, and yes, own or no."""
    found = []
    for line in filter(None, BY_HAND.splitlines()):
        words = line.split()
        action = Action(" ".join(words[:-4]))
        found += [(action, role, word) for role, word in zip(Role, words[-4:], strict=True)]
    return found

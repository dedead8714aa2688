"""What people write into the records: a reason, a note."""

from __future__ import annotations

from cx_metrics.errors import BadUse

MOST_CHARACTERS = 2_000


def words(text: str | None, *, what: str, needed: bool = True) -> str:
    """What somebody wrote, without space around it.

    Args:
        text: As it was handed in.
        what: How an error calls it.
        needed: Whether it may not be empty.

    Raises:
        BadUse: It is missing or too long.
    """
    said = (text or "").strip()
    if needed and not said:
        raise BadUse(f"a {what} is needed: say in a sentence why.")
    if len(said) > MOST_CHARACTERS:
        raise BadUse(f"the {what} has {len(said)} characters; {MOST_CHARACTERS} are allowed.")
    return said

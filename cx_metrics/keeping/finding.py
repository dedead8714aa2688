"""What is wrong with a home, in a form that people and programs read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CLI = "python -m cx_metrics"
REPAIR = f"{CLI} doctor --repair"
REFRESH = f"{CLI} refresh"
RESTORE = f"{CLI} restore BACKUP --replace"


class Weight(StrEnum):
    """How bad it is."""

    WRONG = "wrong"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or soon will be.

    Attributes:
        check: What was looked at, as one word or two.
        where: The folder, file, table or load.
        what: What is wrong with it, as a sentence.
        mend: The command that mends it, or what to do.
        weight: Whether something is wrong now.
    """

    check: str
    where: str
    what: str
    mend: str
    weight: Weight = Weight.WRONG

"""An app process as far as it reads: asks what pages ask until it is told to stop; a line for each page.

    python -m tests.store.reading STOP_FILE OUT_FILE

Each line holds what three questions to the loaders say of one state of the data, and what it noted in the records.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import follow_ups
from pages.shared import loaders


def page(number: int) -> dict[str, object]:
    """One page: figures from the mart, then a mark in the records, as a person makes one."""
    loaders.look_again()
    mart = loaders.mart()
    assert mart is not None
    with loaders.home().session() as session:
        follow_ups.mark_done(session, ("desk", f"{sys.argv[2]}-{number}"), actor="reader")
    return {
        "version": mart.facts.version,
        "facts": mart.facts.contacts,
        "daily": int(mart.query("SELECT sum(contacts) AS n FROM daily")["n"].iloc[0]),
        "touches": int(mart.query("SELECT count(*) AS n FROM touches")["n"].iloc[0]),
        "volume": int(loaders.metric("volume", Slice())["value"].sum()),
    }


def main() -> None:
    """Read until told to stop."""
    stop, out = Path(sys.argv[1]), Path(sys.argv[2])
    number = 0
    with out.open("a", encoding="utf-8") as lines:
        while not stop.exists():
            number += 1
            lines.write(json.dumps(page(number)) + "\n")
            lines.flush()
            time.sleep(0.05)


if __name__ == "__main__":
    main()

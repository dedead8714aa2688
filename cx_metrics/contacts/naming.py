"""Names of files from elsewhere: as a file may be called here, and as a message shows them."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

MOST_SHOWN = 80
"""Characters of a name that a message shows."""

_MOST_BYTES = 150
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def file_name(asked: str) -> str:
    """What a file that somebody calls so is called here: one name without folders, on every system.

    Signs that are not seen, and those that a system gives a meaning, become ``_``; the extension stays.
    """
    name = PureWindowsPath(PurePosixPath(asked.replace("\0", "_")).name).name
    name = "".join("_" if unicodedata.category(sign) in _INVISIBLE or sign in '<>:"|?*\\/' else sign for sign in name)
    name = name.strip().rstrip(". ")
    if not name.strip("._ ") or _RESERVED.fullmatch(name):
        name = f"extract_{name.strip('. ')}" if name.strip("._ ") else "extract"
    stem, extension = os.path.splitext(name)
    extension = extension.encode()[:20].decode(errors="ignore")
    return stem.encode()[: _MOST_BYTES - len(extension.encode())].decode(errors="ignore") + extension


def shortened(name: str) -> str:
    """A name as a message shows it: on one line, without signs that are not seen, cut where it is long."""
    seen = "".join("\ufffd" if unicodedata.category(sign) in _INVISIBLE else sign for sign in name)
    return seen if len(seen) <= MOST_SHOWN else f"{seen[: MOST_SHOWN // 2]}…{seen[-MOST_SHOWN // 2 + 1 :]}"

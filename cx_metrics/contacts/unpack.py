"""The one file inside a .zip or .gz, unpacked as a stream."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from cx_metrics.contacts.kinds import Kind
from cx_metrics.contacts.limits import require_unpacked
from cx_metrics.contacts.naming import shortened
from cx_metrics.contacts.progress import Progress
from cx_metrics.errors import BadExtract, StoreError

_CHUNK = 1 << 20
_ENCRYPTED = 1
_BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, ValueError)


def unpack(
    path: Path, *, kind: Kind, name: str, scratch: Path, most_bytes: int, progress: Progress
) -> tuple[Path, str]:
    """The file inside an archive, written into the scratch folder under a name of ours.

    Folders and the ``__MACOSX`` files of a zip do not count.

    Returns:
        Its path, and what messages call it.

    Raises:
        BadExtract: the archive is broken, encrypted, empty or holds several files; lists them.
        StoreError: it does not fit on the disk.
    """
    if kind == "gzip":
        inner = path.name.removesuffix(".gz").removesuffix(".GZ")
        to = scratch / "unpacked"
        _gunzip(path, name=name, to=to, most_bytes=most_bytes, progress=progress)
        return to, f"{inner} in {name}"
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive, name=name)
            require_unpacked(member.file_size, most=most_bytes, name=name)
            _require_room(member.file_size, scratch=scratch, name=name)
            to = scratch / "unpacked"
            with archive.open(member) as packed:
                _copy(packed, to=to, size=member.file_size, name=name, most_bytes=most_bytes, progress=progress)
    except _BROKEN as error:
        raise BadExtract(f"{name} is a broken zip file ({error}); export or download it again.") from None
    except (NotImplementedError, RuntimeError) as error:
        raise BadExtract(f"{name} is packed in a way that can't be read ({error}); zip it plainly.") from None
    return to, f"{shortened(PurePosixPath(member.filename).name)} in {name}"


def _only_member(archive: zipfile.ZipFile, *, name: str) -> zipfile.ZipInfo:
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if not members:
        raise BadExtract(f"{name} is an empty zip file; it must hold exactly one extract.")
    if len(members) > 1:
        shown = ", ".join(shortened(m.filename) for m in members[:5]) + (", ..." if len(members) > 5 else "")
        raise BadExtract(
            f"{name} holds {len(members)} files ({shown}); it must hold exactly one. Load them one by one."
        )
    if members[0].flag_bits & _ENCRYPTED:
        raise BadExtract(f"{name} is protected by a password; unpack it and load the file inside.")
    return members[0]


def _require_room(size: int, *, scratch: Path, name: str) -> None:
    free = shutil.disk_usage(scratch).free
    if size > free:
        raise StoreError(
            f"The disk is too full to unpack {name}: it needs {size / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free."
        )


def _gunzip(path: Path, *, name: str, to: Path, most_bytes: int, progress: Progress) -> None:
    try:
        with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
            size = path.stat().st_size
            _copy(packed, to=to, size=size, name=name, most_bytes=most_bytes, progress=progress, position=raw)
    except _BROKEN as error:
        raise BadExtract(f"{name} is a broken gzip file ({error}); export or download it again.") from None


def _copy(
    packed: IO[bytes] | gzip.GzipFile,
    *,
    to: Path,
    size: int,
    name: str,
    most_bytes: int,
    progress: Progress,
    position: IO[bytes] | None = None,
) -> None:
    with to.open("wb") as out:
        while chunk := packed.read(_CHUNK):
            out.write(chunk)
            require_unpacked(out.tell(), most=most_bytes, name=name)
            progress("unpacking", min(1.0, (position or out).tell() / max(size, 1)))

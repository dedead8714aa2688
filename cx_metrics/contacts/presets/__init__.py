"""Ready mappings for the usual extracts of nine vendors; each TOML file says what to adapt in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cx_metrics.contacts.addressing import find_header
from cx_metrics.contacts.mapping import Mapping, read_mapping
from cx_metrics.errors import BadMapping, did_you_mean

_FOLDER = Path(__file__).parent

PRESETS: tuple[str, ...] = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
"""The names of the presets, in alphabetical order."""


@cache
def load_preset(name: str) -> Mapping:
    """The mapping that ships under ``name``.

    Raises:
        BadMapping: There is no such preset; offers the nearest name.
    """
    if name not in PRESETS:
        raise BadMapping(f"There is no preset called '{name}'; {did_you_mean(name, PRESETS)}")
    return read_mapping(_FOLDER / f"{name}.toml")


def fitting(headers: Sequence[str]) -> list[str]:
    """The presets that can map an extract with these headers, best first.

    A preset fits where the columns of contact_id and started_at are there. Of those that fit, the one that
    finds the largest share of its columns comes first; equal shares stand in alphabetical order.
    """
    shares = {name: _share(load_preset(name), headers=headers) for name in PRESETS}
    return sorted((name for name, share in shares.items() if share > 0), key=lambda name: -shares[name])


def _share(mapping: Mapping, *, headers: Sequence[str]) -> float:
    """The share (0..1) of the mapping's columns among the headers, 0 where a contact can't be had."""
    needed = {column for name in ("contact_id", "started_at") for column in mapping.columns[name].columns}
    wanted = {column for rule in mapping.columns.values() for column in rule.columns}
    present = {column for column in wanted if find_header(column, headers) is not None}
    return len(present) / len(wanted) if needed <= present else 0.0

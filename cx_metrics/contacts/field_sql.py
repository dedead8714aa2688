"""One field of a contact as SQL: its text, and the value the text stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cx_metrics.contacts import numbers, stamps
from cx_metrics.contacts.fit import Filled
from cx_metrics.contacts.patterns import NAMED_FORMATS
from cx_metrics.contacts.quoting import cleaned, folded, is_one_of, literal, matches
from cx_metrics.contacts.stamps import Clock, Reading

DAMAGED_ID = r"-?\d([.,]\d+)?[eE]\+\d{2,3}"
"""An id that a spreadsheet turned into a power of ten."""


@dataclass(frozen=True)
class FieldSql:
    """The SQL of one field that columns of the extract fill.

    Few cells need trimming or hold a text that means missing. So where possible the bare cell ``c`` is read,
    and its text only where that gave nothing: twice as fast as cleaning every cell first.

    Attributes:
        filled: The field, its rule and columns.
        missing: Texts that mean missing in its columns.
        reading: How its stamps are written, for a time field.
    """

    filled: Filled
    missing: tuple[str, ...]
    reading: Reading | None

    @property
    def name(self) -> str:
        """The field's name."""
        return self.filled.field.name

    @property
    def is_id(self) -> bool:
        """Whether the field is an id, of which no part may be missing or damaged."""
        return self.name in ("contact_id", "customer_id")

    @property
    def can_fail(self) -> bool:
        """Whether some text can be wrong for the field."""
        if self.filled.rule.values is not None:
            return self.filled.rule.other == "reject"
        return self.filled.field.kind != "text" or self.is_id

    def text(self) -> str:
        """The SQL of the field's text, NULL where it is missing; needs only the cells ``c``."""
        rule = self.filled.rule
        parts = [unless_missing(cleaned(f"c{at}"), self.missing) for at in self.filled.positions]
        if len(rule.columns) == 1:
            return parts[0]
        join = literal(rule.join)
        if self.filled.field.kind == "text" and not self.is_id:
            return f"nullif(concat_ws({join}, {', '.join(parts)}), '')"
        return f" || {join} || ".join(f"({part})" for part in parts) if self.filled.whole else "NULL"

    def quick_value(self) -> str | None:
        """The SQL of the value, or local stamp, of a bare cell; None where cells must be cleaned first."""
        if not self._cells_first:
            return None
        kind, cell = self.filled.field.kind, f"c{self.filled.positions[0]}"
        if kind == "timestamp":
            return stamps.local(cell, reading=self._stamps())
        return self._parsed(cell, number=numbers.plain)

    def quick_or_text(self) -> str:
        """The first layer: ``q_`` the quick value, else ``t_`` the text."""
        quick = self.quick_value()
        return f"{self.text()} AS t_{self.name}" if quick is None else f"{quick} AS q_{self.name}"

    def late_text(self) -> str | None:
        """The second layer: ``t_`` the text where there is no quick value; None if the first has it."""
        if not self._cells_first:
            return None
        return f"CASE WHEN q_{self.name} IS NULL THEN {self.text()} END AS t_{self.name}"

    def local_stamp(self) -> str:
        """The third layer: ``l_`` a time field's stamp without offset."""
        stamp = stamps.local(f"t_{self.name}", reading=self._stamps())
        return self._after_quick(stamp)

    def value(self, *, clock: Clock) -> str:
        """The fourth layer: ``r_`` the value before its range is checked."""
        text = f"t_{self.name}"
        if self.filled.rule.values is None and self.filled.field.kind == "text":
            return self._undamaged() if self.is_id else text
        if self.filled.field.kind == "timestamp":
            zoned = stamps.zoned(text, reading=self._stamps())
            return stamps.utc(f"l_{self.name}", zoned=zoned, clock=clock)
        return self._after_quick(self._parsed(text, number=numbers.decimal))

    def in_range(self, *, clock: Clock) -> str:
        """The SQL of the field's value ``r_`` where it lies in the range of the field, else NULL."""
        field, value = self.filled.field, f"r_{self.name}"
        if field.kind == "timestamp":
            return f"CASE WHEN {stamps.possible(value, clock=clock)} THEN {value} END"
        tests = [f"{value} >= {field.low}"] * (field.low is not None)
        tests += [f"{value} <= {field.high}"] * (field.high is not None)
        return f"CASE WHEN {' AND '.join(tests)} THEN {value} END" if tests else value

    def is_bad(self) -> str:
        """The SQL test that the field makes its row a bad one, above the layer of values ``v_``."""
        if self.filled.field.required:
            return f"v_{self.name} IS NULL"
        if not self.can_fail:
            return "false"
        return f"(v_{self.name} IS NULL AND NOT ({self.is_missing()}))"

    def is_missing(self) -> str:
        """The SQL test that there is nothing in the field's cells, above the layer of values ``r_``."""
        stamp = f" AND l_{self.name} IS NULL" if self.reading else ""
        return f"t_{self.name} IS NULL AND r_{self.name} IS NULL{stamp}"

    @property
    def _cells_first(self) -> bool:
        """Whether no text that means missing can be taken for a value, so that bare cells may be read."""
        rule, kind = self.filled.rule, self.filled.field.kind
        if len(rule.columns) > 1 or (rule.format and rule.format not in NAMED_FORMATS):
            return False
        if rule.values is None and kind == "text":
            return False
        values = numbers.YES_NO_WORDS if rule.values is None else {key.strip().lower() for key in rule.values}
        return not any(
            text.strip().lower() in values or any(character.isdigit() for character in text) for text in self.missing
        )

    def _after_quick(self, read: str) -> str:
        return f"coalesce(q_{self.name}, {read})" if self._cells_first else read

    def _parsed(self, text: str, *, number: Callable[[str], str]) -> str:
        rule, kind = self.filled.rule, self.filled.field.kind
        if rule.values is not None:
            return self._listed(text)
        if kind == "bool":
            return numbers.yes_or_no(text)
        if kind != "decimal":
            return numbers.whole(text)
        if rule.unit == "h:mm:ss":
            return numbers.clock_minutes(text)
        return numbers.in_minutes(number(text), unit=rule.unit or "min")

    def _stamps(self) -> Reading:
        assert self.reading is not None, self.name
        return self.reading

    def _listed(self, text: str) -> str:
        rule = self.filled.rule
        assert rule.values is not None
        whens = " ".join(f"WHEN {folded(key)} THEN {literal(value)}" for key, value in rule.values.items())
        return f"CAST(CASE lower({text}) {whens} END AS {self.filled.field.sql_type})"

    def _undamaged(self) -> str:
        found = f"t_{self.name}"
        for at in self.filled.positions:
            damaged = matches(f"trim(c{at})", DAMAGED_ID)
            found = f"CASE WHEN contains(c{at}, '+') AND {damaged} THEN NULL ELSE {found} END"
        return found


def unless_missing(text: str, missing: tuple[str, ...]) -> str:
    """The SQL of a text, NULL where it is one of those that mean missing."""
    return f"CASE WHEN {is_one_of(text, missing)} THEN NULL ELSE {text} END" if missing else text

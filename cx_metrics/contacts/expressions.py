"""A fitted mapping as one SQL query: typed values per field, and whether a row has a problem.

The query is built in layers that name their columns by field: ``q_`` what a bare cell says as it stands,
``t_`` the field's text, ``l_`` its local stamp, ``r_`` its value, ``v_`` its value inside the allowed range.
"""

from __future__ import annotations

from dataclasses import dataclass

from cx_metrics.contacts.checks import reason
from cx_metrics.contacts.field_sql import FieldSql, unless_missing
from cx_metrics.contacts.fit import Fit
from cx_metrics.contacts.quoting import cleaned, is_one_of, literal
from cx_metrics.contacts.schema import NONE
from cx_metrics.contacts.stamps import Clock, Reading

ACCEPTED, DROPPED, REJECTED = 0, 1, 2
"""What became of a row: the values of the column ``state``."""

KEEP = "keep_by"
"""The key under which the column that tells the newest row is read."""


@dataclass(frozen=True)
class Query:
    """The query of one extract.

    Attributes:
        fit: The mapping and the extract's columns.
        readings: How each time field is written, by field name (and `KEEP`).
        clock: The zone of local stamps and the newest possible time.
    """

    fit: Fit
    readings: dict[str, Reading]
    clock: Clock

    @property
    def fields(self) -> list[FieldSql]:
        """The fields that columns fill."""
        missing = self.fit.mapping.missing
        return [
            FieldSql(filled, (*missing, *filled.rule.missing), self.readings.get(filled.field.name))
            for filled in self.fit.filled
        ]

    @property
    def times(self) -> list[FieldSql]:
        """The time fields that columns fill."""
        return [field for field in self.fields if field.reading is not None]

    def texts(self, source: str) -> str:
        """Every row with the text ``t_`` of every time field, and `KEEP`."""
        texts = ", ".join(f"{field.text()} AS t_{field.name}" for field in self.times)
        return f"(SELECT *, {texts}, {self._keep()} AS {KEEP} FROM {source})"

    def local_stamps(self, source: str) -> str:
        """Every row with the local stamp ``l_`` of every time field, and the texts below it."""
        first = ", ".join(field.quick_or_text() for field in self.fields)
        late = "".join(f", {text}" for field in self.fields if (text := field.late_text()))
        found = ", ".join(f"{field.local_stamp()} AS l_{field.name}" for field in self.times)
        texts = f"(SELECT *{late} FROM (SELECT *, {first}, {self._keep()} AS {KEEP} FROM {source}))"
        return f"(SELECT *, {found} FROM {texts})"

    def checked(self, source: str) -> str:
        """Every row with its values ``v_`` and its ``state``."""
        values = ", ".join(f"{field.value(clock=self.clock)} AS r_{field.name}" for field in self.fields)
        kept = ", ".join(f"{field.in_range(clock=self.clock)} AS v_{field.name}" for field in self.fields)
        bad = " OR ".join(field.is_bad() for field in self.fields)
        dropped = [is_one_of(f"coalesce({cleaned(f'c{at}')}, '')", equals) for at, equals in self.fit.drops]
        drop = f"WHEN {' OR '.join(dropped)} THEN {DROPPED}" if dropped else ""
        state = f"CASE {drop} WHEN {bad} THEN {REJECTED} ELSE {ACCEPTED} END"
        ranged = f"(SELECT *, {kept} FROM (SELECT *, {values} FROM {self.local_stamps(source)}))"
        return f"(SELECT *, CAST({state} AS UTINYINT) AS state FROM {ranged})"

    def rows(self, source: str) -> str:
        """What is staged of every row: row_number, state, the fields and keep_by."""
        fields = ", ".join(f"{_output(field)} AS {field.name}" for field in self.fields)
        return f"SELECT row_number, state, {fields}, {KEEP} FROM {self.checked(source)}"

    def problems(self, source: str) -> str:
        """Every problem of the rows of ``source``, all of them bad: row_number, column, value, reason."""
        found = ", ".join(f"CASE WHEN {field.is_bad()} THEN {self._problem(field)} END" for field in self.fields)
        return f"""SELECT row_number, problem."column", problem."value", problem.reason
            FROM (SELECT row_number, unnest([{found}]) AS problem FROM {self.checked(source)})
            WHERE problem IS NOT NULL"""

    def _keep(self) -> str:
        if self.fit.keep is None:
            return "CAST(NULL AS VARCHAR)"
        return unless_missing(cleaned(f"c{self.fit.keep}"), self.fit.mapping.missing)

    def _problem(self, field: FieldSql) -> str:
        filled = field.filled
        cells = ", ".join(f"c{at}" for at in filled.positions)
        value = f"concat_ws({literal(filled.rule.join)}, {cells})"
        why = reason(field, clock=self.clock)
        return f"{{'column': {literal(filled.label)}, 'value': {value}, 'reason': {why}}}"


def _output(field: FieldSql) -> str:
    return f"coalesce(v_{field.name}, {literal(NONE)})" if field.name == "intent" else f"v_{field.name}"

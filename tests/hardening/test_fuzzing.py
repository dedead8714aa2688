"""A few hundred inputs of the fuzzer at each run; ``make fuzz`` goes on for minutes."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from cx_metrics.contacts.mapping import Mapping
from tests.hardening.fuzzing import Extract, extracts, mapping_texts, read_mapping, staged

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(text=mapping_texts())
def test_a_mapping_is_read_or_refused_in_words(text: str) -> None:
    mapping = read_mapping(text)
    assert mapping is None or isinstance(mapping, Mapping)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(extract=extracts, text=mapping_texts())
def test_every_record_of_an_extract_is_accounted_for(extract: Extract, text: str) -> None:
    receipt = staged(extract, read_mapping(text))
    assert receipt is None or receipt.read >= receipt.accepted

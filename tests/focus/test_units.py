"""Units in the specification's format, whatever a provider calls them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.focus.units import in_focus, is_focus


@pytest.mark.parametrize(
    ("written", "focus"),
    [
        ("Hrs", "Hours"),
        ("hour", "Hours"),
        ("GB-Mo", "GB-Months"),
        ("LCU-Hrs", "LCU-Hours"),
        ("DPU-Hour", "DPU-Hours"),
        ("Lambda-GB-Second", "GB-Seconds"),
        ("GiB/Second-Months", "GiBps-Months"),
        ("1K tokens", "1000 Tokens"),
        ("gibibyte", "GiB"),
        ("gibibyte month", "GiB-Months"),
        ("byte-seconds", "B-Seconds"),
        ("count", "Count"),
        ("requests", "Requests"),
        ("1 Hour", "1 Hour"),
        ("1/Month", "Units/Month"),
        ("1 GB/Month", "GB/Month"),
        ("10,000", "10000 Units"),
        ("Gigabyte Per Hour", "GB-Hours"),
    ],
)
def test_units_of_providers_get_the_specifications_words(written: str, focus: str) -> None:
    assert in_focus(written) == focus


@pytest.mark.parametrize("unit", ["GB-Hours", "Requests", "vCPU-Hours", "1000 Tokens", "Units/3 Months", "GB/Hour"])
def test_a_unit_that_fits_stays(unit: str) -> None:
    assert is_focus(unit)
    assert in_focus(unit) == unit


@pytest.mark.parametrize("unit", ["Hrs", "gibibyte", "GB-Mo", "count", "1 GB/Month", "byte-seconds", ""])
def test_other_spellings_do_not_fit(unit: str) -> None:
    assert not is_focus(unit)


@given(st.text(max_size=30))
def test_any_text_becomes_a_unit_once_and_for_all(text: str) -> None:
    unit = in_focus(text)
    assert unit
    assert in_focus(unit) == unit

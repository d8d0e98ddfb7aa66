"""Numbers that can be read over the phone and tell nobody our volume."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tickets.numbers import check_digit, number_for, parse_number, spaced

KEY = "k" * 64
SEQUENCE = st.integers(1, 10**8 - 1)


@given(SEQUENCE)
def test_every_number_is_read_back_however_it_is_typed(sequence):
    number = number_for(sequence, KEY)
    digits = number[2:]
    for typed in (number, digits, spaced(number), f" hy {digits[:4]}-{digits[4:8]}-{digits[8:]} ", number.lower()):
        assert parse_number(typed) == number


@given(SEQUENCE, SEQUENCE)
def test_no_two_cases_share_a_number(first, second):
    assume(first != second)
    assert number_for(first, KEY) != number_for(second, KEY)


def test_a_thousand_in_a_row_are_a_thousand_numbers_that_do_not_run_in_a_row():
    numbers = [number_for(sequence, KEY) for sequence in range(1, 1001)]
    assert len(set(numbers)) == 1000
    values = [int(number[2:10]) for number in numbers]
    assert sum(abs(after - before) < 1000 for before, after in pairwise(values)) < 10


@given(SEQUENCE, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(sequence, place, by):
    digits = number_for(sequence, KEY)[2:]
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert parse_number(wrong) is None


@given(SEQUENCE, st.integers(0, 7))
def test_two_swapped_neighbours_are_always_found(sequence, place):
    digits = number_for(sequence, KEY)[2:]
    assume(digits[place] != digits[place + 1])
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert parse_number(swapped) is None


def test_another_installation_has_other_numbers():
    same = [n for n in range(1, 1001) if number_for(n, KEY) == number_for(n, "j" * 64)]
    assert len(same) < 5


@given(SEQUENCE)
def test_the_check_digit_closes_every_number(sequence):
    assert check_digit(number_for(sequence, KEY)[2:]) == "0"


@pytest.mark.parametrize("text", ["", "HY", "12345678", "HY12345678９", "abcdefghi", "١٢٣٤٥٦٧٨٩", "HY1234567890"])
def test_what_is_no_number_is_none(text):
    assert parse_number(text) is None


@pytest.mark.parametrize("sequence", [0, -1, 10**8])
def test_a_sequence_out_of_range_is_refused(sequence):
    with pytest.raises(ValueError, match="no number"):
        number_for(sequence, KEY)

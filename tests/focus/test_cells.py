"""Cells mean on the engine what they mean in Python: money exactly, times to the microsecond, tags as JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops import money
from finops.focus import cells
from finops.store.engine import DuckDB, Engine

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    spill: Path = tmp_path_factory.mktemp("spill")
    with DuckDB(memory_limit="512MB", spill=spill) as opened:
        yield opened


def _ten_places(units: int) -> float:
    """What providers write: their floats take a shorter way to money."""
    return units / 10**10


def evaluated(engine: Engine, expression: ir.Table, rows: pa.Table) -> list[object]:
    """The column `value` of an expression over the table `cells`, in the order of the rows' column `n`."""
    engine.bind_rows("cells", rows)
    values: list[object] = engine.arrow(expression.order_by("n"))["value"].to_pylist()
    return values


def numbered(**columns: pa.Array) -> pa.Table:
    """A table of these columns with the rows' numbers as `n`."""
    count = len(next(iter(columns.values())))
    return pa.table({"n": pa.array(range(count)), **columns})


TEXTS = ibis.table({"n": "int64", "cell": "string"}, name="cells")
FLOATS = ibis.table({"n": "int64", "cell": "float64"}, name="cells")
MONEY_OF_TEXTS = TEXTS.select("n", value=cells.money(TEXTS.cell))
QUANTITY_OF_TEXTS = TEXTS.select("n", value=cells.quantity(TEXTS.cell))
TIME_OF_TEXTS = TEXTS.select("n", value=cells.time(TEXTS.cell))


@st.composite
def decimals(draw: st.DrawFn) -> str:
    """A plain number below 10^18 as exports write it: signs, long fractions, exact ties, exponents of both signs."""
    whole = draw(st.one_of(st.just(""), st.integers(0, 10**18 - 2).map(str)))
    fraction = draw(st.one_of(digits(0, 12), digits(17, 45), ties()))
    if not whole and not fraction:
        whole = "0"
    exponent = draw(st.one_of(st.none(), st.integers(-40, 20)))
    sign = draw(st.sampled_from(["", "", "-", "+"]))
    if exponent is None:
        return sign + (f"{whole}.{fraction}" if fraction or draw(st.booleans()) else whole)
    mark = draw(st.sampled_from(["e", "E"]))
    written = draw(st.sampled_from([f"{exponent}", f"{exponent:+d}", f"{exponent:+03d}"]))
    return f"{sign}{shifted(whole, fraction, -exponent)}{mark}{written}"


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


def ties() -> st.SearchStrategy[str]:
    """A fraction half-way between two values of 18 places."""
    return st.builds(lambda kept, zeros: f"{kept}5{'0' * zeros}", digits(18, 18), st.integers(0, 6))


def shifted(whole: str, fraction: str, places: int) -> str:
    """The number with its point so many places to the right."""
    if places >= 0:
        fraction = fraction.ljust(places, "0")
        return f"{whole}{fraction[:places]}.{fraction[places:]}" if fraction[places:] else whole + fraction
    whole = whole.rjust(-places, "0")
    return f"{whole[:places]}.{whole[places:]}{fraction}"


@few
@given(st.lists(decimals(), min_size=1, max_size=60))
def test_money_on_the_engine_is_money_in_python(engine: Engine, written: list[str]) -> None:
    got = evaluated(engine, MONEY_OF_TEXTS, numbered(cell=pa.array(written)))
    assert dict(zip(written, got, strict=True)) == {text: money.stored(text) for text in written}


@few
@given(st.lists(st.floats(-1e17, 1e17) | st.integers(-(10**15), 10**15).map(_ten_places), min_size=1, max_size=60))
def test_a_float_is_its_shortest_decimal(engine: Engine, values: list[float]) -> None:
    expression = FLOATS.select("n", value=cells.money(FLOATS.cell))
    got = evaluated(engine, expression, numbered(cell=pa.array(values, pa.float64())))
    assert got == [money.stored(repr(value)) for value in values]


@few
@given(st.lists(st.integers(-(10**26), 10**26), min_size=1, max_size=60))
def test_a_decimal_with_more_places_is_rounded_half_even(engine: Engine, unscaled: list[int]) -> None:
    values = [Decimal(number).scaleb(-20) for number in unscaled]
    table = ibis.table({"n": "int64", "cell": "decimal(38, 20)"}, name="cells")
    expression = table.select("n", value=cells.money(table.cell))
    got = evaluated(engine, expression, numbered(cell=pa.array(values, pa.decimal128(38, 20))))
    assert got == [money.stored(str(value)) for value in values]


def test_ties_go_to_the_even_neighbour_however_they_are_written(engine: Engine) -> None:
    written = {
        "0.0000000000000000005": "0",
        "0.0000000000000000015": "0.000000000000000002",
        "-0.00000000000000000250": "-0.000000000000000002",
        "0.00000000000000000251": "0.000000000000000003",
        "2.5e-18": "0.000000000000000002",
        ".25E-17": "0.000000000000000002",
        "0.00000000000000000025e1": "0.000000000000000002",
    }
    got = evaluated(engine, MONEY_OF_TEXTS, numbered(cell=pa.array(list(written))))
    assert got == [Decimal(text) for text in written.values()]


def test_what_is_no_number_is_null(engine: Engine) -> None:
    written = ["", "  ", "NULL", "null", "n/a", "$5", "1,000", "(5)", "--5", "e5", ".", "nan", "inf", None]
    for expression in (MONEY_OF_TEXTS, QUANTITY_OF_TEXTS):
        assert evaluated(engine, expression, numbered(cell=pa.array(written))) == [None] * len(written)


def test_blanks_around_a_cell_do_not_count(engine: Engine) -> None:
    got = evaluated(engine, MONEY_OF_TEXTS, numbered(cell=pa.array([" 1.50 ", "\t2\r\n"])))
    assert got == [Decimal("1.5"), Decimal(2)]


@few
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60))
def test_a_quantity_is_the_float_that_its_text_names(engine: Engine, values: list[float]) -> None:
    got = evaluated(engine, QUANTITY_OF_TEXTS, numbered(cell=pa.array([repr(value) for value in values])))
    assert got == values


OFFSETS = st.sampled_from(["", "Z", " UTC", "+00:00", "+02:00", "-07:00", "+05:30"])


@st.composite
def written_times(draw: st.DrawFn) -> tuple[str, datetime]:
    """A time as exports write it, and what it is in UTC."""
    moment = draw(st.datetimes(datetime(2000, 1, 1), datetime(2049, 12, 31)))  # noqa: DTZ001 - the offset comes below
    offset = draw(OFFSETS)
    places = draw(st.sampled_from([0, 0, 3, 6]))
    moment = moment.replace(microsecond=moment.microsecond // 10 ** (6 - places) * 10 ** (6 - places) if places else 0)
    fraction = f".{moment.microsecond:06d}"[: places + 1] if places else ""
    written = f"{moment:%Y-%m-%d}{draw(st.sampled_from('T '))}{moment:%H:%M:%S}{fraction}{offset}"
    signed = offset if offset[:1] in {"+", "-"} else "+00:00"
    minutes = int(signed[1:3]) * 60 + int(signed[4:6])
    zone = timezone(timedelta(minutes=-minutes if signed[0] == "-" else minutes))
    return written, moment.replace(tzinfo=zone).astimezone(UTC)


@few
@given(st.lists(written_times(), min_size=1, max_size=60))
def test_a_time_is_read_in_utc_whatever_its_form(engine: Engine, times: list[tuple[str, datetime]]) -> None:
    got = evaluated(engine, TIME_OF_TEXTS, numbered(cell=pa.array([text for text, _ in times])))
    assert got == [moment for _, moment in times]


def test_a_date_is_its_midnight_and_no_time_is_null(engine: Engine) -> None:
    written = ["2026-01-31", " 2026-01-31 ", "", "NULL", "31.01.2026", "2026-02-30", "2026-01-01T30:00:00Z", None]
    midnight = datetime(2026, 1, 31, tzinfo=UTC)
    assert evaluated(engine, TIME_OF_TEXTS, numbered(cell=pa.array(written))) == [midnight, midnight, *[None] * 6]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.date32(), [date(2026, 1, 31)]),
        (pa.timestamp("us"), [datetime(2026, 1, 31)]),  # noqa: DTZ001 - a Parquet file without zones
        (pa.timestamp("us", tz="UTC"), [datetime(2026, 1, 31, tzinfo=UTC)]),
    ],
)
def test_times_that_are_no_text_are_utc_too(engine: Engine, kind: pa.DataType, values: list[date]) -> None:
    table = ibis.table(ibis.Schema.from_pyarrow(pa.schema([("n", pa.int64()), ("cell", kind)])), name="cells")
    expression = table.select("n", value=cells.time(table.cell))
    assert evaluated(engine, expression, numbered(cell=pa.array(values, kind))) == [datetime(2026, 1, 31, tzinfo=UTC)]


TAGS = ibis.table({"n": "int64", "team": "string", "app": "string"}, name="cells")
ANY_TEXT = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
)


@few
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=40))
def test_any_text_comes_back_from_a_json_object(engine: Engine, rows: list[tuple[str | None, str | None]]) -> None:
    table = numbered(
        team=pa.array([row[0] for row in rows], pa.string()), app=pa.array([row[1] for row in rows], pa.string())
    )
    expression = TAGS.select("n", value=cells.json_object({"team": TAGS.team, "app": TAGS.app}))
    got = evaluated(engine, expression, table)
    for (team, app), text in zip(rows, got, strict=True):
        wanted = {key: shown(value) for key, value in (("app", app), ("team", team)) if value is not None}
        assert (json.loads(str(text)) if text is not None else {}) == wanted
        assert text is None or list(json.loads(str(text))) == list(wanted)


def shown(text: str) -> str:
    """The text with a blank for each control character that JSON has no short name for, as documented."""
    return "".join(" " if letter < " " and letter not in "\n\r\t\b\f" else letter for letter in text)


@pytest.mark.parametrize(
    "key", ['it"s', "back\\slash", "ümlaut", "quote's", "a: b", "{}", "100%", ":name", "$1", "line\nbreak"]
)
def test_any_key_comes_back_from_a_json_object(engine: Engine, key: str) -> None:
    expression = TAGS.select("n", value=cells.json_object({key: TAGS.team}))
    (got,) = evaluated(engine, expression, numbered(team=pa.array(["x"]), app=pa.array(["y"])))
    assert json.loads(str(got)) == {key: "x"}


def test_an_object_without_values_is_null(engine: Engine) -> None:
    nothing = pa.array([None], pa.string())
    for pairs in ({}, {"team": TAGS.team, "app": TAGS.app}):
        expression = TAGS.select("n", value=cells.json_object(pairs))
        assert evaluated(engine, expression, numbered(team=nothing, app=nothing)) == [None]

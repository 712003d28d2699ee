"""Own series: `finops forecast --input`: daily or monthly values of anybody's file, forecast without a store."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from finops import periods
from finops.budgets.spend import Spend
from finops.clock import Clock
from finops.errors import AccessError, BillError
from finops.forecast.beginning import Beginnings, beginnings
from finops.forecast.forecaster import CalendarForecaster, Forecast, History, forecast_all
from finops.forecast.futures import held
from finops.forecast.months import forecast_months
from finops.money import add, stored, to_float
from finops.processes import done_by
from finops.report.forecast_table import ForecastTable, SeriesForecast, series_forecast

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

COLUMNS = ("date", "cost")
"""That a file must have; item_id, freq (D or M) and currency may be there."""
NO_CURRENCY = "XXX"
"""ISO 4217: no currency is involved."""

SECONDS_EACH = 0.02
"""That a series takes about, on a core of 2026."""

_HISTORY_MONTHS = 36
_CHUNK = 25
_LONGEST = 20_000
"""Days from first to last: 55 years; a date beyond is a slip of the hand."""


class InputUnreadable(BillError):
    """The file is not what it should be."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(
            f"{file}{what}.",
            "Give it the columns date (2026-10-21) and cost (a plain number), and where wanted item_id, freq (D or M) "
            "and currency.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeries:
    """The series of one file.

    Attributes:
        freq: D: one value per day; M: per month, on its first day.
        daily: exact amount per day of each series; days without a row are left out.
        currency: of all of them.
    """

    freq: Literal["D", "M"]
    daily: Mapping[str, Mapping[date, Decimal]]
    currency: str

    @property
    def last(self) -> date:
        """The last day any series has a value for; of months the last day of the last one."""
        day = max(day for one in self.daily.values() for day in one)
        return day if self.freq == "D" else periods.month_of(day).last_day


def read_series(file: Path) -> OwnSeries:
    """Read a CSV or Parquet file; rows of one day add up.

    Raises:
        AccessError: if it cannot be opened.
        InputUnreadable: if a column is missing, or a cell holds no date or number: nothing is left out.
    """
    rows = _csv(file) if file.suffix.lower() in {".csv", ".txt"} else _parquet(file)
    found: dict[str, dict[date, list[Decimal]]] = {}
    freqs: set[str] = set()
    currencies: set[str] = set()
    for where, row in rows:
        freq = str(row.get("freq") or "D")[:1].upper()
        if freq not in {"D", "M"}:
            raise InputUnreadable(file, f"{where}: freq is {row['freq']!r}, neither D nor M")
        freqs.add(freq)
        currencies.add(str(row.get("currency") or NO_CURRENCY))
        day = _day(file, where, row["date"])
        name = str(row.get("item_id") or file.stem)
        amount = _amount(file, where, row["cost"])
        found.setdefault(name, {}).setdefault(day if freq == "D" else day.replace(day=1), []).append(amount)
    if not found:
        raise InputUnreadable(file, " holds no row")
    for kind, said in (("freq", freqs), ("currency", currencies)):
        if len(said) > 1:
            raise InputUnreadable(file, f" holds more than one {kind}: {', '.join(sorted(said))}; use a file for each")
    days = [day for one in found.values() for day in one]
    if (max(days) - min(days)).days > _LONGEST:
        raise InputUnreadable(file, f" reaches from {min(days)} to {max(days)}, over {_LONGEST // 365} years")
    return OwnSeries(
        freq="M" if freqs == {"M"} else "D",
        daily={name: {day: add(*all_) for day, all_ in sorted(one.items())} for name, one in sorted(found.items())},
        currency=currencies.pop(),
    )


def input_table(
    own: OwnSeries,
    *,
    as_of: date | None,
    seed: int,
    processes: int,
    progress: Callable[[int], None] = lambda _: None,
) -> ForecastTable:
    """Forecast every series and their total to the end of month, quarter and calendar year.

    Days without a row count as zero, from a series' first row to the last row of the file. The same for any number of
    processes.

    Args:
        own: the series.
        as_of: the clock: later days are not used, its own day is not complete; None for the day after the last.
        seed: same seed, same ranges.
        processes: how many work.
        progress: called with the number of series done so far.

    Raises:
        BillError: if no value lies before the clock.
    """
    clock_day = own.last + timedelta(days=1) if as_of is None else as_of
    known = {name: {day: one[day] for day in one if day <= clock_day} for name, one in own.daily.items()}
    whole: dict[date, Decimal] = {}
    for one in known.values():
        for day, amount in one.items():
            whole[day] = add(whole.get(day, Decimal(0)), amount)
    if not whole:
        raise BillError(f"No value lies on or before {clock_day}.", "Ask for a later --as-of.")
    clock = _clock(own.freq, whole, clock_day)
    horizon = periods.year_of(max(clock_day, clock.data_to or clock_day)).end
    begun = _beginnings(clock, known) if own.freq == "D" else None
    work = _Work(freq=own.freq, clock=clock, horizon=horizon, day=clock_day, seed=seed, beginnings=begun)
    names = list(known)
    chunks = [{name: known[name] for name in names[at : at + _CHUNK]} for at in range(0, len(names), _CHUNK)]
    series: list[SeriesForecast] = []
    paths: Any = 0.0
    mean: Any = 0.0
    history = [0.0] * (0 if clock.data_to is None else (clock.data_to - clock.since).days + 1)
    for part in done_by(_forecast_some, [(work, chunk) for chunk in chunks], processes):
        series += part.series
        paths, mean = paths + part.paths, mean + part.mean
        progress(len(series))
    for day, amount in whole.items():
        at = (day - clock.since).days
        if 0 <= at < len(history):
            history[at] += to_float(amount)
    total = None
    if clock.data_to is not None:
        total = Forecast(
            history=History(start=clock.since, values=tuple(history), left_out=len(clock.left_out)),
            futures=held(paths),
            mean=mean,
            model=f"total: sum of {len(series)} forecasts, path by path",
        )
    unknown = None if total else "no complete day is known yet"
    spend = Spend(name="total", daily=whole, data_to=clock.data_to, forecast=total, unknown=unknown)
    return ForecastTable(
        measure="cost",
        currency=own.currency,
        by="item_id",
        as_of=clock_day,
        known_at=None,
        data_to=clock.data_to,
        days_left_out=clock.left_out,
        history=clock.since,
        status="provisional",
        seed=seed,
        series=tuple(series),
        total=series_forecast(spend, day=clock_day, fiscal_year_start=1),
        budgets=(),
        rates=(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What every series of a file is forecast with."""

    freq: Literal["D", "M"]
    clock: Clock
    horizon: date
    day: date
    seed: int
    beginnings: Beginnings | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Some series, told, and the sum of their paths: the paths of one take megabytes."""

    series: tuple[SeriesForecast, ...]
    paths: "npt.NDArray[np.float64] | float"
    mean: "npt.NDArray[np.float64] | float"


def _forecast_some(given: tuple[_Work, Mapping[str, Mapping[date, Decimal]]]) -> _Part:
    work, chunk = given
    series: list[SeriesForecast] = []
    paths: Any = 0.0
    mean: Any = 0.0
    for name, daily in chunk.items():
        forecast = _forecast(work, daily)
        spend = Spend(
            name=name,
            daily=daily,
            data_to=work.clock.data_to,
            forecast=forecast,
            unknown=None if forecast else "no complete day is known yet",
        )
        series.append(series_forecast(spend, day=work.day, fiscal_year_start=1))
        if forecast is not None:
            paths, mean = paths + forecast.paths, mean + forecast.mean
    return _Part(series=tuple(series), paths=paths, mean=mean)


def _beginnings(clock: Clock, known: Mapping[str, Mapping[date, Decimal]]) -> Beginnings | None:
    """How the series began, where one of them has not yet: histories of all at once take a while."""
    last = clock.data_to
    if last is None or all(any(one[day] for day in one if day <= last) for one in known.values()):
        return None
    return beginnings({name: clock.history(daily).values for name, daily in known.items()})


def _forecast(work: _Work, daily: Mapping[date, Decimal]) -> Forecast | None:
    clock = work.clock
    if clock.data_to is None:
        return None
    if work.freq == "D":
        forecaster = CalendarForecaster(beginnings=work.beginnings)
        history = clock.history(daily)
        return forecast_all({"one": history}, until=work.horizon, seed=work.seed, forecaster=forecaster)["one"]
    firsts = list(_months(clock.since, clock.data_to))
    values = [to_float(daily.get(day, Decimal(0))) for day in firsts]
    begun = next((at for at, value in enumerate(values) if value), len(values) - 1)
    return forecast_months(firsts[begun], values[begun:], until=work.horizon, seed=work.seed)


def _months(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = periods.month_of(day).end


def _clock(freq: str, whole: Mapping[date, Decimal], as_of: date) -> Clock:
    """Of days as everywhere; of months the last one that is over."""
    if freq == "D":
        return Clock.of(whole, as_of, history_months=_HISTORY_MONTHS)
    first = min(whole)
    over = [day for day in whole if periods.month_of(day).end <= as_of]
    left = tuple(day for day in whole if day not in over)
    data_to = periods.month_of(max(over)).last_day if over else None
    return Clock(first_day=first, since=first, data_to=data_to, left_out=left)


def _csv(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            header = text.readline()
            delimiter = max(",;\t", key=header.count)
            names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
            _check_columns(file, names)
            reader = csv.reader(text, delimiter=delimiter)
            for cells in reader:
                where = f", line {reader.line_num + 1}"
                if not cells:
                    continue
                if len(cells) != len(names):
                    raise InputUnreadable(file, f"{where}: {len(cells)} cells under {len(names)} columns")
                yield where, dict(zip(names, cells, strict=True))
    except UnicodeDecodeError as error:
        raise InputUnreadable(file, " is no text in UTF-8") from error
    except csv.Error as error:
        raise InputUnreadable(file, f" is no CSV: {error}") from error
    except OSError as error:
        raise _unopened(file, error) from error


def _parquet(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file)
        names = table.schema_arrow.names
        _check_columns(file, names)
        wanted = [name for name in ("item_id", "date", "cost", "freq", "currency") if name in names]
        at = 0
        for batch in table.iter_batches(columns=wanted):
            for row in batch.to_pylist():
                at += 1
                yield f", row {at}", row
    except pa.ArrowException as error:
        raise InputUnreadable(file, " is neither .csv nor a Parquet file") from error
    except OSError as error:
        raise _unopened(file, error) from error


def _unopened(file: Path, error: OSError) -> AccessError:
    return AccessError(f"{file} cannot be read: {error.strerror or error}.", "Name a file with --input.")


def _check_columns(file: Path, names: Sequence[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise InputUnreadable(file, f" has no column {' and no '.join(missing)}; it has {', '.join(names) or 'none'}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputUnreadable(file, f" has the column {twice[0]} twice")


def _day(file: Path, where: str, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text).date() if len(text) > 7 else date.fromisoformat(f"{text}-01")  # noqa: PLR2004 - `2026-10`
    except ValueError as error:
        raise InputUnreadable(file, f"{where}: date is {text!r}") from error


def _amount(file: Path, where: str, value: object) -> Decimal:
    text = "" if value is None else repr(value) if isinstance(value, float) else str(value)
    try:
        return stored(text)
    except ValueError as error:
        raise InputUnreadable(file, f"{where}: cost is {text!r}, which is no plain number") from error

"""Scenario file: a study in TOML, validated against its JSON Schema, every input with unit, date, source and kind.

No input has a silent default: what the file leaves out is an error where a figure needs it, and otherwise not counted
and named in the study's notes.
"""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

from finops.errors import AccessError, ConfigurationError
from finops.facts.figures import fact
from finops.tco.break_even import availability
from finops.tco.quantity import Distribution, Kind, Quantity
from finops.tco.reasons import NoFigure
from finops.tco.rental import interruption_overhead
from finops.tco.scenario import (
    Asset,
    Block,
    Capacity,
    Commitment,
    Demand,
    Depreciation,
    Egress,
    Lease,
    Level,
    Loan,
    Monthly,
    Once,
    Option,
    Power,
    Rent,
    Spot,
    Study,
    Tier,
)

_SCHEMA = Path(__file__).with_name("scenario.schema.json")
_SAME_PATTERN = 0.02
_CURRENCY_LETTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the bill says about a demand.

    Attributes:
        units_per_month: mean of the whole months looked at; rate_per_unit: effective cost of a unit.
        growth_per_year: None where the months are too few to tell.
        currency: of the rate; pattern: levels of a day over the mean.
        as_of: last day looked at; source: in words.
    """

    units_per_month: float
    rate_per_unit: float
    growth_per_year: float | None
    currency: str
    pattern: tuple[Level, ...]
    as_of: date
    source: str


class ScenarioMistake(ConfigurationError):
    """Something in a scenario file must be changed."""

    def __init__(self, file: Path, path: str, what: str, todo: str) -> None:
        super().__init__(f"{file}, {path or 'top level'}: {what}.", todo)


def schema() -> dict[str, Any]:
    """The JSON Schema of scenario files."""
    loaded: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return loaded


def load(file: Path, *, measured: Measured | None = None) -> Study:
    """The study a file describes.

    Args:
        file: a TOML file.
        measured: what the bill says, for inputs that ask for it.

    Raises:
        ConfigurationError: for every mistake, with file and key.
        AccessError: if the file may not be read.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise AccessError(
            f"{file} does not exist.", "Name a scenario file, or list them in [tco] scenarios."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}.", "Correct the line named.") from error
    except OSError as error:
        raise AccessError(f"{file} cannot be read: {error.strerror}.", "Check the file's rights.") from error
    _validate(file, data)
    return _Reader(file=file, data=data, measured=measured).study()


def _validate(file: Path, data: Mapping[str, Any]) -> None:
    import jsonschema  # noqa: PLC0415 - 0.1 s, not for --help

    plain = json.loads(json.dumps(data, default=lambda value: value.isoformat()))
    validator = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker(formats=("date",)))
    errors = sorted(validator.iter_errors(plain), key=lambda error: [str(part) for part in error.absolute_path])
    for error in errors:
        told = error
        while told.validator == "oneOf" and isinstance(told.instance, dict):
            told = next((one for one in told.context if one.validator != "type"), told.context[-1])
        where = _path(told.absolute_path)
        if told.validator == "additionalProperties":
            unknown = next(key for key in told.instance if key not in told.schema["properties"])
            known = ", ".join(told.schema["properties"])
            raise ScenarioMistake(file, where, f"unknown key {unknown!r}", f"Known here: {known}.")
        if told.validator == "required":
            missing = next(key for key in told.validator_value if key not in told.instance)
            raise ScenarioMistake(file, where, f"{missing!r} is missing", f"Add {missing} = …; it has no default.")
        raise ScenarioMistake(file, where, told.message, "finops tco --schema prints what is allowed.")


def _path(parts: Sequence[str | int]) -> str:
    text = ""
    for part in parts:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(kw_only=True)
class _Reader:
    """Builds a study, collecting every input it meets under its key."""

    file: Path
    data: Mapping[str, Any]
    measured: Measured | None
    quantities: dict[str, Quantity] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def study(self) -> Study:
        head = self.data["study"]
        options = tuple(self._option(at, entry) for at, entry in enumerate(self.data["options"]))
        self._refuse_duplicates([option.name for option in options])
        demand = self._demand()
        study = Study(
            name=head["name"],
            file=str(self.file),
            currency=self._currency,
            start=date.fromisoformat(f"{head['start']}-01"),
            horizon=head["horizon_months"],
            discount_rate=self._need(head, "discount_rate", "study", "share/year", "Discount rate"),
            tax_rate=self._maybe(head, "tax_rate", "study", "share", "Tax rate"),
            demand=demand,
            options=options,
            owned=self._named("owned", options, owns=True),
            comparator=self._named("comparator", options, owns=False),
            quantities=self.quantities,
            notes=tuple(self.notes),
        )
        self._check(study)
        return study

    @property
    def _currency(self) -> str:
        return str(self.data["study"]["currency"])

    # ── inputs ────────────────────────────────────────────────────────────────────────────────────────────────

    def _maybe(self, table: Mapping[str, Any], key: str, path: str, unit: str, label: str) -> Quantity | None:
        return self._need(table, key, path, unit, label) if key in table else None

    def _need(self, table: Mapping[str, Any], key: str, path: str, unit: str, label: str) -> Quantity:
        """The input of a key; `{}` in the unit stands for the study's currency."""
        where = f"{path}.{key}"
        if key not in table:
            raise ScenarioMistake(self.file, path, f"{key!r} is missing", f"Add {key} = …; it has no default.")
        return self._quantity(table[key], where, unit.replace("{}", self._currency), label)

    def _quantity(self, given: Any, where: str, unit: str, label: str) -> Quantity:  # noqa: ANN401 - TOML
        entry: Mapping[str, Any] = {"value": given} if not isinstance(given, Mapping) else given
        if "input" in entry:
            return self._shared(str(entry["input"]), where, unit)
        made = self._made(entry, where, unit, label)
        self.quantities[made.key] = made
        return made

    def _shared(self, name: str, where: str, unit: str) -> Quantity:
        key = f"inputs.{name}"
        if key in self.quantities:
            found = self.quantities[key]
            if found.unit != unit:
                raise ScenarioMistake(
                    self.file, where, f"{key} is in {found.unit}, and {unit} is needed", "Use an input of that unit."
                )
            return found
        if name not in self.data.get("inputs", {}):
            known = ", ".join(self.data.get("inputs", {})) or "none"
            raise ScenarioMistake(self.file, where, f"no input is called {name!r}", f"[inputs] has: {known}.")
        entry = self.data["inputs"][name]
        if isinstance(entry, Mapping) and "input" in entry:
            raise ScenarioMistake(self.file, key, "an input names another", "Give it a value or a fact.")
        return self._quantity(entry, key, unit, name.replace("_", " ").replace("-", " ").capitalize())

    def _made(self, entry: Mapping[str, Any], where: str, unit: str, label: str) -> Quantity:
        value, given_unit, kind, day, source = self._origin(entry, where, unit)
        factor, rate_note = self._conversion(given_unit, unit, where)
        low, high = entry.get("low"), entry.get("high")
        if "spread" in entry:
            reach = abs(value) * entry["spread"]
            low, high = value - reach, value + reach
        if (low is None) != (high is None) or (low is not None and high is not None and not low <= value <= high):
            raise ScenarioMistake(self.file, where, "low, value and high do not ascend", "Give low <= value <= high.")
        distribution = cast("Distribution", entry.get("distribution", "triangular"))
        if distribution == "lognormal" and low is not None and low <= 0:
            raise ScenarioMistake(self.file, where, f"low is {low:g} of a lognormal input", "Give a low above zero.")
        return Quantity(
            key=where,
            label=label,
            value=value * factor,
            unit=unit,
            kind=kind,
            as_of=day,
            source=f"{source}{rate_note}",
            low=None if low is None else low * factor,
            high=None if high is None else high * factor,
            distribution=distribution,
        )

    def _origin(self, entry: Mapping[str, Any], where: str, unit: str) -> tuple[float, str, Kind, date, str]:
        """Value, its unit, and where it is from."""
        if "measured" in entry and self.measured is not None:
            found = getattr(self.measured, entry["measured"])
            if found is not None:
                money = entry["measured"] == "rate_per_unit"
                of = unit.replace(self._currency, self.measured.currency, 1) if money else unit
                return float(found), of, "measured", self.measured.as_of, self.measured.source
            self.notes.append(f"{where}: the bill does not say; the value of the file is used")
        if "fact" in entry:
            known = fact(entry["fact"])
            kind = cast("Kind", entry.get("kind", "assumed"))
            return known.number, entry.get("unit", known.unit), kind, known.as_of, f"{known.source}: {known.item}"
        if "value" not in entry:
            todo = "Run with --from-bill, or give a value." if "measured" in entry else "Give value, fact or input."
            raise ScenarioMistake(self.file, where, "there is no value", todo)
        kind = "assumed" if "measured" in entry else entry.get("kind", "configured")
        day = date.fromisoformat(str(entry.get("as_of", self.data["study"]["as_of"])))
        return float(entry["value"]), entry.get("unit", unit), kind, day, entry.get("source", self.file.name)

    def _conversion(self, given: str, wanted: str, where: str) -> tuple[float, str]:
        """What turns one unit into the other: one, or an exchange rate; no other conversion is made."""
        if given == wanted or given in _SAME.get(wanted, ()):
            return 1.0, ""
        money, rest = given[:_CURRENCY_LETTERS], given[_CURRENCY_LETTERS:]
        if not self._same_rest(rest, wanted):
            raise ScenarioMistake(self.file, where, f"the unit is {given!r}, and {wanted!r} is needed", "Convert it.")
        if money == self._currency:
            return 1.0, ""
        pair = f"{money}/{self._currency}"
        rates = self.data.get("rates", {})
        if pair not in rates:
            raise ScenarioMistake(
                self.file, where, f"{given} has no exchange rate", f'Add [rates] "{pair}" = {{ value = …, as_of = … }}.'
            )
        rate = self._quantity(rates[pair], f"rates.{pair}", pair, f"Exchange rate {pair}")
        if rate.value <= 0:
            raise ScenarioMistake(self.file, f"rates.{pair}", f"a rate of {rate.value:g} is none", "Give one above 0.")
        return rate.value, f", at {rate.value:g} {self._currency}/{money} of {rate.as_of}"

    def _same_rest(self, rest: str, wanted: str) -> bool:
        needed = wanted.removeprefix(self._currency)
        return wanted.startswith(self._currency) and (rest == needed or rest in _SAME.get(needed, ()))

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _demand(self) -> Demand:
        table, path = self.data["demand"], "demand"
        unit = table["unit"]
        pattern = tuple(Level(share=one["share"], level=one["level"]) for one in table.get("pattern", ()))
        if self.measured is not None and table.get("pattern_from_bill"):
            pattern = self.measured.pattern
        pattern = pattern or (Level(share=1.0, level=1.0),)
        shares = sum(part.share for part in pattern)
        mean = sum(part.share * part.level for part in pattern)
        if abs(shares - 1) > _SAME_PATTERN or abs(mean - 1) > _SAME_PATTERN:
            raise ScenarioMistake(
                self.file,
                "demand.pattern",
                f"shares add up to {shares:g} and levels average {mean:g}",
                "Shares add up to 1, and levels weighted by them average 1.",
            )
        demand = Demand(
            quantity=self._need(table, "quantity", path, f"{unit}/month", "Demand"),
            unit=unit,
            growth=self._maybe(table, "growth_per_year", path, "share/year", "Growth of demand"),
            pattern=pattern,
            accelerators=self._maybe(table, "accelerators_per_unit", path, "accelerators", "Accelerators per unit"),
            tokens_per_s=self._maybe(table, "tokens_per_second", path, "tokens/s", "Tokens per second"),
        )
        if demand.growth is None:
            self.notes.append("No growth of demand is counted")
        if "pattern" not in table and not (self.measured and table.get("pattern_from_bill")):
            self.notes.append("Demand is taken as even over each month")
        return demand

    def _option(self, at: int, table: Mapping[str, Any]) -> Option:
        name, path = table["name"], f"options.{table['name']}"
        unit = self.data["demand"]["unit"]
        capacity = self._capacity(table["capacity"], f"{path}.capacity", unit, name) if "capacity" in table else None
        if capacity is None and "rent" not in table:
            raise ScenarioMistake(
                self.file,
                f"options[{at + 1}]",
                f"{name!r} serves nothing",
                "Give it [options.capacity] or [options.rent].",
            )
        option = Option(
            name=name,
            capacity=capacity,
            assets=tuple(self._asset(one, f"{path}.assets", name) for one in table.get("assets", ())),
            power=self._power(table["power"], f"{path}.power", name, capacity) if "power" in table else None,
            maintenance=self._maybe(table, "maintenance_per_year", path, "share/year", f"{name}: maintenance"),
            monthly=tuple(self._all_monthly(table, path, name)),
            once=tuple(self._once(one, f"{path}.once", name) for one in table.get("once", ())),
            rent=self._rent(table["rent"], f"{path}.rent", unit, name) if "rent" in table else None,
        )
        left_out = [
            words
            for words, there in (
                ("electricity", option.power is not None),
                ("staff", "staff" in table),
                ("maintenance", option.maintenance is not None),
            )
            if not there
        ]
        if capacity is not None and left_out:
            self.notes.append(f"{name}: no {', no '.join(left_out)} is counted")
        return option

    def _capacity(self, table: Mapping[str, Any], path: str, unit: str, name: str) -> Capacity:
        works = self._maybe(table, "availability", path, "share", f"{name}: availability")
        if works is None and "mtbf_hours" in table:
            between = self._need(table, "mtbf_hours", path, "h", f"{name}: hours between failures")
            repair = self._need(table, "mttr_hours", path, "h", f"{name}: hours to repair")
            works = self._derived(
                f"{path}.availability", f"{name}: availability", "share", between, repair, availability
            )
        return Capacity(
            systems=self._need(table, "systems", path, "systems", f"{name}: systems"),
            units=self._need(table, "units_per_month", path, f"{unit}/month", f"{name}: capacity of a system"),
            availability=works,
        )

    def _derived(self, key: str, label: str, unit: str, *parts: Any) -> Quantity:  # noqa: ANN401 - inputs, then a function
        *given, function = parts
        try:
            value = function(*(one.value for one in given))
        except NoFigure as error:
            raise ScenarioMistake(self.file, key, error.reason, "Give times above zero.") from error
        made = Quantity(
            key=key,
            label=label,
            value=value,
            unit=unit,
            kind=given[0].kind,
            as_of=min(one.as_of for one in given),
            source=given[0].source,
        )
        self.quantities[key] = made
        return made

    def _asset(self, table: Mapping[str, Any], parent: str, name: str) -> Asset:
        asset, path = table["name"], f"{parent}.{table['name']}"
        label = f"{name}: {asset}"
        kind = cast("Depreciation", table.get("depreciation", "straight-line"))
        decline = self._maybe(
            table, "decline_oom_per_year", path, "orders of magnitude/year", f"{label}, price decline"
        )
        residual = self._maybe(table, "residual_share", path, "share", f"{label}, residual value")
        if decline is not None and residual is not None:
            raise ScenarioMistake(
                self.file, path, "both residual_share and decline_oom_per_year are given", "Give one."
            )
        if kind == "technology" and decline is None:
            raise ScenarioMistake(
                self.file, path, "depreciation by technology has no decline", "Give decline_oom_per_year."
            )
        if residual is None and decline is None and "lease" not in table:
            self.notes.append(f"{label}: nothing is got for it at its end")
        quantity = table.get("quantity", {"value": 1})
        return Asset(
            name=asset,
            cost=self._need(table, "cost", path, "{}", f"{label}, price"),
            quantity=self._quantity(quantity, f"{path}.quantity", "pieces", f"{label}, number"),
            month=table.get("month", 0),
            life_months=table["life_months"],
            refresh=table.get("refresh", True),
            residual=residual,
            decline=decline,
            price_trend=self._maybe(table, "price_trend_per_year", path, "share/year", f"{label}, price trend"),
            depreciation=kind,
            factor=table.get("declining_factor", 2.0),
            failures=self._maybe(table, "failures_per_year", path, "share/year", f"{label}, failures"),
            lease=self._lease(table["lease"], f"{path}.lease", label) if "lease" in table else None,
            loan=self._loan(table["loan"], f"{path}.loan", label) if "loan" in table else None,
        )

    def _lease(self, table: Mapping[str, Any], path: str, label: str) -> Lease:
        return Lease(
            per_month=self._need(table, "per_month", path, "{}/month", f"{label}, lease"), months=table["months"]
        )

    def _loan(self, table: Mapping[str, Any], path: str, label: str) -> Loan:
        return Loan(
            share=self._need(table, "share", path, "share", f"{label}, share borrowed"),
            rate=self._need(table, "rate", path, "share/year", f"{label}, interest"),
            months=table["months"],
        )

    def _power(self, table: Mapping[str, Any], path: str, name: str, capacity: Capacity | None) -> Power:
        systems = self._maybe(table, "systems", path, "systems", f"{name}: powered systems")
        if systems is None:
            if capacity is None:
                raise ScenarioMistake(self.file, path, "'systems' is missing", "Say how many systems draw power.")
            systems = capacity.systems
        return Power(
            kilowatts=self._need(table, "kw_per_system", path, "kW", f"{name}: power of a system"),
            systems=systems,
            share=self._need(table, "mean_share", path, "share", f"{name}: mean share of that power"),
            pue=self._need(table, "pue", path, "ratio", f"{name}: PUE"),
            tariff=self._need(table, "tariff", path, "{}/kWh", f"{name}: electricity tariff"),
            trend=self._maybe(table, "tariff_trend_per_year", path, "share/year", f"{name}: tariff trend"),
            intensity=self._maybe(table, "gco2e_per_kwh", path, "gCO2e/kWh", f"{name}: grid intensity"),
        )

    def _all_monthly(self, table: Mapping[str, Any], path: str, name: str) -> list[Monthly]:
        found: list[Monthly] = []
        if "staff" in table:
            staff, at = table["staff"], f"{path}.staff"
            found.append(
                Monthly(
                    name="Staff",
                    block="staff",
                    amount=self._need(staff, "cost_per_year", at, "{}/year", f"{name}: cost of a full-time post"),
                    count=self._need(staff, "fte", at, "FTE", f"{name}: staff"),
                    trend=self._maybe(staff, "trend_per_year", at, "share/year", f"{name}: wage trend"),
                    first=1,
                    last=None,
                    per_year=True,
                )
            )
        if "colocation" in table:
            space, at = table["colocation"], f"{path}.colocation"
            found.append(
                Monthly(
                    name="Rack space",
                    block="space",
                    amount=self._need(space, "per_rack_month", at, "{}/month", f"{name}: rack fee"),
                    count=self._need(space, "racks", at, "racks", f"{name}: racks"),
                    trend=self._maybe(space, "trend_per_year", at, "share/year", f"{name}: rack fee trend"),
                    first=1,
                    last=None,
                )
            )
        return [*found, *(self._monthly(one, f"{path}.monthly", name) for one in table.get("monthly", ()))]

    def _monthly(self, table: Mapping[str, Any], parent: str, name: str) -> Monthly:
        path, label = f"{parent}.{table['name']}", f"{name}: {table['name']}"
        return Monthly(
            name=table["name"],
            block=cast("Block", table["block"]),
            amount=self._need(table, "per_month", path, "{}/month", label),
            count=self._maybe(table, "count", path, "pieces", f"{label}, number"),
            trend=self._maybe(table, "trend_per_year", path, "share/year", f"{label}, trend"),
            first=table.get("from_month", 1),
            last=table.get("to_month"),
        )

    def _once(self, table: Mapping[str, Any], parent: str, name: str) -> Once:
        path = f"{parent}.{table['name']}"
        return Once(
            name=table["name"],
            block=cast("Block", table.get("block", "one-off")),
            month=table["month"],
            amount=self._need(table, "cost", path, "{}", f"{name}: {table['name']}"),
        )

    def _rent(self, table: Mapping[str, Any], path: str, unit: str, name: str) -> Rent:
        price = "{}/" + unit
        commitments = []
        for at, one in enumerate(table.get("commitments", ()), 1):
            label = one.get("name", f"{one['term_months']}-month commitment")
            here = f"{path}.commitments.{at}"
            commitments.append(
                Commitment(
                    name=label,
                    price=self._need(one, "price", here, price, f"{name}: {label}"),
                    coverage=self._need(one, "coverage", here, "share", f"{name}: coverage of the {label}"),
                    used=self._need(one, "used", here, "share", f"{name}: use of the {label}"),
                    term_months=one["term_months"],
                )
            )
        trend = self._maybe(table, "trend_per_year", path, "share/year", f"{name}: price trend")
        if trend is None:
            self.notes.append(f"{name}: prices are taken to stay")
        return Rent(
            on_demand=self._need(table, "on_demand", path, price, f"{name}: on-demand price"),
            trend=trend,
            drop=self._maybe(table, "drop", path, "share", f"{name}: price drop"),
            drop_after=table.get("drop_after_month", 12),
            commitments=tuple(commitments),
            spot=self._spot(table["spot"], f"{path}.spot", price, name) if "spot" in table else None,
            egress=self._egress(table["egress"], f"{path}.egress", name) if "egress" in table else None,
            kwh_per_unit=self._maybe(table, "kwh_per_unit", path, f"kWh/{unit}", f"{name}: electricity per {unit}"),
            intensity=self._maybe(table, "gco2e_per_kwh", path, "gCO2e/kWh", f"{name}: grid intensity"),
        )

    def _spot(self, table: Mapping[str, Any], path: str, price: str, name: str) -> Spot:
        overhead = self._maybe(table, "overhead", path, "share", f"{name}: work lost to interruptions")
        if overhead is None:
            times = [
                self._need(table, key, path, "h", f"{name}: {key.replace('_', ' ')}")
                for key in ("checkpoint_hours", "interval_hours", "restart_hours", "hours_between_interruptions")
            ]
            overhead = self._derived(
                f"{path}.overhead", f"{name}: work lost to interruptions", "share", *times, interruption_overhead
            )
        return Spot(
            price=self._need(table, "price", path, price, f"{name}: spot price"),
            share=self._need(table, "share", path, "share", f"{name}: share on spot"),
            overhead=overhead,
        )

    def _egress(self, table: Mapping[str, Any], path: str, name: str) -> Egress:
        tiers = tuple(
            Tier(
                size_gb=one.get("size_gb"),
                price=self._need(
                    one, "price_per_gb", f"{path}.tiers.{at}", "{}/GB", f"{name}: transfer out, tier {at}"
                ),
            )
            for at, one in enumerate(table["tiers"], 1)
        )
        if tiers[-1].size_gb is not None or any(tier.size_gb is None for tier in tiers[:-1]):
            raise ScenarioMistake(
                self.file, path, "the last tier has an end, or an earlier one none", "Only the last has no size_gb."
            )
        return Egress(
            gigabytes=self._need(table, "gb_per_month", path, "GB/month", f"{name}: data transfer out"),
            growth=self._maybe(table, "growth_per_year", path, "share/year", f"{name}: growth of data transfer"),
            free_gb=table.get("free_gb", 0.0),
            tiers=tiers,
        )

    # ── checks ────────────────────────────────────────────────────────────────────────────────────────────────

    def _named(self, key: str, options: Sequence[Option], *, owns: bool) -> str:
        name = self.data["study"].get(key)
        if name is None:
            fitting = [option.name for option in options if (option.capacity is not None) == owns]
            return fitting[0] if fitting else options[0 if owns else -1].name
        if name not in {option.name for option in options}:
            known = ", ".join(option.name for option in options)
            raise ScenarioMistake(self.file, f"study.{key}", f"no option is called {name!r}", f"There are: {known}.")
        return str(name)

    def _refuse_duplicates(self, names: Sequence[str]) -> None:
        for name in names:
            if names.count(name) > 1:
                raise ScenarioMistake(
                    self.file, "options", f"two options are called {name!r}", "Give each its own name."
                )

    def _check(self, study: Study) -> None:
        """Values no input may have."""
        for one in study.quantities.values():
            if not all(math.isfinite(value) for value in (one.value, one.low or 0.0, one.high or 0.0)):
                raise ScenarioMistake(self.file, one.key, f"{one.value} is no finite number", "Give a number.")
            if one.unit in _NOT_NEGATIVE and one.value < 0:
                raise ScenarioMistake(self.file, one.key, f"{one.value:g} {one.unit} is below zero", "Give 0 or more.")
            if one.unit == "share" and one.value > 1:
                raise ScenarioMistake(
                    self.file, one.key, f"a share of {one.value:g} is more than all", "Give 0.12 for 12 %."
                )
            if one.unit == "share/year" and one.value <= -1:
                raise ScenarioMistake(self.file, one.key, f"{one.value:g} a year leaves nothing", "Give more than -1.")
        if not study.demand.quantity.value >= 0:
            raise ScenarioMistake(self.file, "demand.quantity", "demand is below zero", "Give 0 or more.")
        for option in study.options:
            for bought in option.rent.commitments if option.rent is not None else ():
                if bought.used.value == 0:
                    what = "none of the commitment's hours are used, so none serves the demand"
                    raise ScenarioMistake(self.file, bought.used.key, what, "Give a share above 0, or leave it out.")


_NOT_NEGATIVE: Final = frozenset({"share", "kW", "ratio", "FTE", "racks", "pieces", "systems", "gCO2e/kWh", "GB/month"})
_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "share/year": ("share",),
    "/server-hour": ("/h", "/hour"),
    "/instance-hour": ("/h", "/hour"),
    "/hour": ("/h", "/server-hour"),
    "/h": ("/server-hour", "/hour"),
    "ratio": ("share",),
    "share": ("ratio",),
}
"""Units that mean the same there."""

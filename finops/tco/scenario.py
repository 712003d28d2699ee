"""Scenario: a study of one demand and the options that serve it: owned, rented, or both.

Money is in the study's currency. Months count from the start: month 0 is the day of the first purchase, running costs
are paid at the end of months 1 to the horizon. Rates and shares are fractions; trends and growth are per year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from finops.tco.quantity import Quantity

Block = Literal[
    "purchase",
    "one-off",
    "rent",
    "network",
    "refresh",
    "energy",
    "space",
    "staff",
    "maintenance",
    "licences",
    "financing",
    "resale",
    "tax",
]
"""What a cost is for, in the order of tables."""

BLOCKS: tuple[Block, ...] = (
    "purchase",
    "one-off",
    "rent",
    "network",
    "refresh",
    "energy",
    "space",
    "staff",
    "maintenance",
    "licences",
    "financing",
    "resale",
    "tax",
)

Depreciation = Literal["straight-line", "declining-balance", "macrs", "technology"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A part of the time and how far demand then lies from its mean (1.5 is half more)."""

    share: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What has to be served each month.

    Attributes:
        quantity: mean demand in the first month, in `unit` (for example server-hours).
        growth: per year; None where demand stays.
        pattern: how demand spreads around its mean; levels weighted by shares average 1.
        accelerators: accelerators per unit, where hours are meant; None where there are none.
        tokens_per_s: delivered by one unit while it works; None where tokens do not apply.
    """

    quantity: Quantity
    unit: str
    growth: Quantity | None = None
    pattern: tuple[Level, ...] = (Level(share=1.0, level=1.0),)
    accelerators: Quantity | None = None
    tokens_per_s: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Payments in place of a purchase, at the end of each of so many months."""

    per_month: Quantity
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A share of the first purchase paid by a loan, repaid as an annuity; the rest of it at the horizon."""

    share: Quantity
    rate: Quantity
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """Something bought, used up and sold.

    Attributes:
        cost: of one, at the start; quantity: how many.
        month: of purchase.
        life_months: until it is replaced, or used up where `refresh` is False.
        residual: share of its cost it is worth at the end of its life; in between its price falls in a line.
        decline: price decline in orders of magnitude per year, in place of the residual.
        price_trend: change of the price of a new one per year.
        depreciation: of the books; factor: of declining balance and MACRS.
        failures: share of devices that fail per year and are bought again at their cost.
    """

    name: str
    cost: Quantity
    quantity: Quantity
    month: int
    life_months: int
    refresh: bool
    residual: Quantity | None
    decline: Quantity | None
    price_trend: Quantity | None
    depreciation: Depreciation
    factor: float
    failures: Quantity | None
    lease: Lease | None
    loan: Loan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Electricity: rated power of one system, times their number, share drawn, PUE and tariff.

    Attributes:
        trend: of the tariff per year; intensity: gCO2e per kWh, None where emissions are not known.
    """

    kilowatts: Quantity
    systems: Quantity
    share: Quantity
    pue: Quantity
    tariff: Quantity
    trend: Quantity | None
    intensity: Quantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """A cost every month, from the first to the last month it is paid (inclusive), that may grow by the year."""

    name: str
    block: Block
    amount: Quantity
    count: Quantity | None
    trend: Quantity | None
    first: int
    last: int | None
    per_year: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A cost in one month: migration, exit, decommissioning."""

    name: str
    block: Block
    month: int
    amount: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A part of the demand bought for a term: all its hours are paid for (F-CLOUD-2); renewed at the price then.

    Attributes:
        coverage: share of the first month's demand that it serves.
        used: share of its paid hours that are used, so coverage·demand/used is paid for each month.
    """

    name: str
    price: Quantity
    coverage: Quantity
    used: Quantity
    term_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A share of what commitments leave, on interruptible capacity."""

    price: Quantity
    share: Quantity
    overhead: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Gigabytes at a price; None for no end."""

    size_gb: float | None
    price: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """Data that leaves each month: free allowance first, then tier by tier."""

    gigabytes: Quantity
    growth: Quantity | None
    free_gb: float
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """Renting the demand, or what an owned base leaves of it.

    Attributes:
        on_demand: price per unit.
        trend: change of prices per year; None where they stay.
        drop, drop_after: share by which prices fall once, after that month.
        kwh_per_unit, intensity: for emissions; None where they are not known.
    """

    on_demand: Quantity
    trend: Quantity | None = None
    drop: Quantity | None = None
    drop_after: int = 12
    commitments: tuple[Commitment, ...] = ()
    spot: Spot | None = None
    egress: Egress | None = None
    kwh_per_unit: Quantity | None = None
    intensity: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What an owned option can serve in a month: systems, units each, and the share of time they work."""

    systems: Quantity
    units: Quantity
    availability: Quantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to serve the demand.

    Attributes:
        capacity: of what is owned; None for an option that rents everything.
        rent: None for an option that owns everything.
        maintenance: share of the owned assets' cost per year.
    """

    name: str
    capacity: Capacity | None = None
    assets: tuple[Asset, ...] = ()
    power: Power | None = None
    maintenance: Quantity | None = None
    monthly: tuple[Monthly, ...] = ()
    once: tuple[Once, ...] = ()
    rent: Rent | None = None

    @property
    def kind(self) -> Literal["owned", "rented", "hybrid"]:
        """What it is, from what it has."""
        if self.capacity is None:
            return "rented"
        return "owned" if self.rent is None else "hybrid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A demand, its options and the assumptions they share.

    Attributes:
        start: first month; horizon: months looked at.
        discount_rate: cost of capital per year, nominal, a twelfth per month.
        tax_rate: where the tax shield is counted; None where it is not.
        owned, comparator: names of the two options the break-even is between.
        quantities: every input, by key.
        notes: what the file leaves out and is therefore not counted.
    """

    name: str
    file: str
    currency: str
    start: date
    horizon: int
    discount_rate: Quantity
    tax_rate: Quantity | None
    demand: Demand
    options: tuple[Option, ...]
    owned: str
    comparator: str
    quantities: Mapping[str, Quantity]
    notes: tuple[str, ...] = ()

    def option(self, name: str) -> Option:
        """The option of a name."""
        return next(option for option in self.options if option.name == name)

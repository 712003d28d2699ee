"""Lines: what an option costs, as one formula per cost over the months, in cash and in the books.

Cash is what is paid in a month; the books spread a purchase over its life and show what a sale brings against the book
value. Over the horizon, where all is sold at its end, both come to the same, undiscounted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from finops.tco import depreciation
from finops.tco.break_even import HOURS_PER_MONTH
from finops.tco.expression import (
    MONTH,
    YEARS,
    ZERO,
    Expression,
    Lookup,
    at_most,
    both,
    equal,
    floor,
    less,
    maximum,
    minimum,
    mod,
    total,
    when,
)
from finops.tco.quantity import Quantity
from finops.tco.scenario import Asset, Block, Egress, Monthly, Option, Power, Rent, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cost.

    Attributes:
        name: what it is, for readers.
        cash, book: money per month; plus is a cost.
    """

    name: str
    block: Block
    cash: Expression
    book: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An option as formulas.

    Attributes:
        lines: in the order of tables.
        demanded, owned, rented: units per month: asked for, served by owned systems, and rented.
        short: units nobody serves.
        energy_kwh: electricity per month, as far as it is known; emissions_kg likewise.
        knows_energy, knows_emissions: whether that is all of it.
    """

    option: str
    lines: tuple[Line, ...]
    demanded: Expression
    owned: Expression
    rented: Expression
    short: Expression
    capacity: Expression
    energy_kwh: Expression
    emissions_kg: Expression
    knows_energy: bool
    knows_emissions: bool


def plan(study: Study, option: Option) -> Plan:
    """An option of a study as formulas."""
    demanded = study.demand.quantity.term * _grown(study.demand.growth)
    demanded = when(at_most(1, MONTH), demanded)
    capacity, owned = _served(study, option, demanded)
    left = demanded if option.capacity is None else demanded - owned
    rented, short = (left, ZERO) if option.rent is not None else (ZERO, left)
    lines = [
        *(line for asset in option.assets for line in _asset(study, asset)),
        *_once(option),
        *(_rent(study, option.rent, rented) if option.rent is not None else ()),
        *(_power(option.power) if option.power is not None else ()),
        *_maintenance(option),
        *(_monthly(study, one) for one in option.monthly),
    ]
    if study.tax_rate is not None:
        relief = -(study.tax_rate.term * total([line.book for line in lines]))
        lines.append(Line(name="Tax relief", block="tax", cash=relief, book=relief))
    energy, emissions, knows_energy, knows_emissions = _footprint(option, rented)
    return Plan(
        option=option.name,
        lines=tuple(lines),
        demanded=demanded,
        owned=owned,
        rented=rented,
        short=short,
        capacity=capacity,
        energy_kwh=energy,
        emissions_kg=emissions,
        knows_energy=knows_energy,
        knows_emissions=knows_emissions,
    )


def capital(option: Option) -> Expression:
    """What is bought at the start, at its full price."""
    return total([asset.quantity.term * asset.cost.term for asset in option.assets if asset.lease is None])


# ── demand ────────────────────────────────────────────────────────────────────────────────────────────────────


def _grown(growth: Quantity | None, years: Expression = YEARS) -> Expression:
    """What a yearly change has made of 1 after so many years."""
    return ZERO + 1 if growth is None else (1 + growth.term) ** years


def _served(study: Study, option: Option, demanded: Expression) -> tuple[Expression, Expression]:
    """What the option's own systems can serve, and what of the demand they do serve."""
    if option.capacity is None:
        return ZERO, ZERO
    capacity = option.capacity.systems.term * option.capacity.units.term
    if option.capacity.availability is not None:
        capacity *= option.capacity.availability.term
    served = total([part.share * minimum(part.level * demanded, capacity) for part in study.demand.pattern])
    return capacity, served


# ── what is bought ────────────────────────────────────────────────────────────────────────────────────────────


def _asset(study: Study, asset: Asset) -> Iterator[Line]:
    """Purchase, refresh, resale, spare parts, and how it is paid."""
    price = asset.quantity.term * asset.cost.term
    running = both(less(asset.month, MONTH), at_most(MONTH, study.horizon))
    if asset.failures is not None:
        spares = when(running, asset.failures.term * price / 12)
        yield Line(name=f"{asset.name}, spares", block="maintenance", cash=spares, book=spares)
    if asset.lease is not None:
        paid = both(less(asset.month, MONTH), at_most(MONTH, asset.month + asset.lease.months))
        payment = when(paid, asset.quantity.term * asset.lease.per_month.term)
        yield Line(name=f"{asset.name}, lease", block="financing", cash=payment, book=payment)
        return
    yield from _owned(study, asset, price)
    if asset.loan is not None:
        yield from _loan(study, asset, price * _grown(asset.price_trend, ZERO + asset.month / 12))


def _owned(study: Study, asset: Asset, price: Expression) -> Iterator[Line]:
    start, life, horizon = asset.month, asset.life_months, study.horizon
    first = price * _grown(asset.price_trend, ZERO + start / 12)
    bought = when(equal(MONTH, start), first)
    cycle = start + floor((MONTH - start - 1) / life) * life if asset.refresh else ZERO + start
    age = MONTH - cycle
    paid = price * _grown(asset.price_trend, cycle / 12)
    lost, book_left, worth = _values(asset, age)
    running = both(less(start, MONTH), at_most(MONTH, horizon))
    losing = both(running, at_most(age, life))
    wear = when(losing, paid * lost)
    # A purchase stands in the books as what it loses month by month.
    yield Line(name=asset.name, block="purchase", cash=bought, book=wear)
    if asset.refresh and start + life < horizon:
        renewed = both(less(start, MONTH), equal(mod(MONTH - start, life), 0), less(MONTH, horizon))
        new = price * _grown(asset.price_trend, MONTH / 12)
        yield Line(name=f"{asset.name}, replaced", block="refresh", cash=when(renewed, new), book=ZERO)
        sold = when(both(less(start, MONTH), equal(mod(MONTH - start, life), 0)), 1) if start < horizon else ZERO
        ends = maximum(sold, equal(MONTH, horizon))
    else:
        ends = equal(MONTH, horizon)
    if asset.residual is not None or asset.decline is not None:
        cash = -when(both(running, ends), paid * worth)
        book = when(both(running, ends), paid * (book_left - worth))
    else:
        cash, book = ZERO, when(both(running, ends), paid * book_left)
    yield Line(name=f"{asset.name}, sold or written off", block="resale", cash=cash, book=book)


def _values(asset: Asset, age: Expression) -> tuple[Expression, Expression, Expression]:
    """Of one unit of cost: lost in the month that ends at this age, left in the books, and what a buyer pays."""
    life = asset.life_months
    used = minimum(age / life, 1)
    if asset.decline is not None:
        worth = 10 ** (-(asset.decline.term * age / 12))
        at_end: Expression = 10 ** (-(asset.decline.term * (life / 12)))
    else:
        at_end = asset.residual.term if asset.residual is not None else ZERO
        worth = 1 - (1 - at_end) * used
    if asset.depreciation == "straight-line":
        return (1 - at_end) / life, 1 - (1 - at_end) * used, worth
    if asset.depreciation == "technology" and asset.decline is not None:
        before = 10 ** (-(asset.decline.term * (age - 1) / 12))
        left = 10 ** (-(asset.decline.term * minimum(age, life) / 12))
        return before - worth, left, worth
    monthly = _schedule(asset)
    left_by_month = [1.0]
    for part in monthly:
        left_by_month.append(left_by_month[-1] - part)
    lost = Lookup(f"{asset.cost.key}, lost", tuple(monthly), age - 1)
    left = Lookup(f"{asset.cost.key}, left", tuple(left_by_month), minimum(age, len(monthly)))
    return lost, left, worth


def _schedule(asset: Asset) -> list[float]:
    """Share of cost lost in each month of the life: a year's depreciation in twelve parts.

    MACRS runs half a year beyond its class; here the year after the life falls into the last month of the life.
    """
    years = asset.life_months / 12
    residual = asset.residual.value if asset.residual is not None else 0.0
    if asset.depreciation == "macrs":
        rates, residual = list(depreciation.macrs(years, asset.factor)), 0.0
    else:
        rates = list(depreciation.declining_balance(1.0, residual, years, asset.factor))
    monthly = [rates[at // 12] / 12 for at in range(asset.life_months)]
    monthly[-1] += 1.0 - residual - sum(monthly)
    return monthly


def _loan(study: Study, asset: Asset, price: Expression) -> Iterator[Line]:
    loan = asset.loan
    if loan is None:
        return
    start, months, horizon = asset.month, loan.months, study.horizon
    rate = loan.rate.term / 12
    borrowed = loan.share.term * price
    payment = when(equal(rate, 0), borrowed / months, borrowed * rate / (1 - (1 + rate) ** -months))
    paying = both(less(start, MONTH), at_most(MONTH, min(start + months, horizon)))

    def balance(paid: Expression) -> Expression:
        return when(equal(rate, 0), borrowed - payment * paid, payment * (1 - (1 + rate) ** (paid - months)) / rate)

    settled = when(equal(MONTH, horizon), balance(ZERO + (horizon - start))) if start + months > horizon else ZERO
    cash = -when(equal(MONTH, start), borrowed) + when(paying, payment) + settled
    interest = when(paying, balance(MONTH - start - 1) * rate)
    yield Line(name=f"{asset.name}, loan", block="financing", cash=cash, book=interest)


# ── what runs ─────────────────────────────────────────────────────────────────────────────────────────────────


def _once(option: Option) -> Iterator[Line]:
    for one in option.once:
        cost = when(equal(MONTH, one.month), one.amount.term)
        yield Line(name=one.name, block=one.block, cash=cost, book=cost)


def _kilowatt_hours(power: Power) -> Expression:
    drawn = power.kilowatts.term * power.systems.term * power.share.term * power.pue.term
    return when(at_most(1, MONTH), drawn * HOURS_PER_MONTH)


def _power(power: Power) -> Iterator[Line]:
    cost = _kilowatt_hours(power) * power.tariff.term * _grown(power.trend)
    yield Line(name="Electricity", block="energy", cash=cost, book=cost)


def _maintenance(option: Option) -> Iterator[Line]:
    if option.maintenance is None:
        return
    bases = [
        when(less(asset.month, MONTH), asset.quantity.term * asset.cost.term)
        for asset in option.assets
        if asset.lease is None
    ]
    cost = option.maintenance.term / 12 * total(bases)
    yield Line(name="Maintenance", block="maintenance", cash=cost, book=cost)


def _monthly(study: Study, one: Monthly) -> Line:
    last = study.horizon if one.last is None else min(one.last, study.horizon)
    amount = one.amount.term / 12 if one.per_year else one.amount.term
    if one.count is not None:
        amount = one.count.term * amount
    cost = when(both(at_most(one.first, MONTH), at_most(MONTH, last)), amount * _grown(one.trend))
    return Line(name=one.name, block=one.block, cash=cost, book=cost)


# ── what is rented ────────────────────────────────────────────────────────────────────────────────────────────


def _rent(study: Study, rent: Rent, rented: Expression) -> Iterator[Line]:
    running = at_most(1, MONTH)
    dropped: Expression = ZERO + 1 if rent.drop is None else when(less(rent.drop_after, MONTH), 1 - rent.drop.term, 1)
    covered: list[Expression] = []
    for one in rent.commitments:
        units = one.coverage.term * study.demand.quantity.term
        signed = floor((MONTH - 1) / one.term_months) * one.term_months
        at_signing: Expression = (
            ZERO + 1 if rent.drop is None else when(at_most(rent.drop_after, signed), 1 - rent.drop.term, 1)
        )
        price = one.price.term * _grown(rent.trend, signed / 12) * at_signing
        cost = when(running, units / one.used.term * price)
        covered.append(units)
        yield Line(name=one.name, block="rent", cash=cost, book=cost)
    left = maximum(rented - total(covered), 0) if covered else rented
    if rent.spot is not None:
        work = left * rent.spot.share.term
        spot = work * rent.spot.price.term * (1 + rent.spot.overhead.term) * _grown(rent.trend) * dropped
        yield Line(name="Spot", block="rent", cash=spot, book=spot)
        left = left * (1 - rent.spot.share.term)
    demanded = left * rent.on_demand.term * _grown(rent.trend) * dropped
    yield Line(name="On demand", block="rent", cash=demanded, book=demanded)
    if rent.egress is not None:
        cost = when(running, _egress(rent.egress))
        yield Line(name="Data transfer out", block="network", cash=cost, book=cost)


def _egress(egress: Egress) -> Expression:
    at, parts = egress.free_gb, []
    gigabytes = egress.gigabytes.term * _grown(egress.growth)
    for tier in egress.tiers:
        beyond = maximum(gigabytes - at, 0)
        parts.append(tier.price.term * (beyond if tier.size_gb is None else minimum(beyond, tier.size_gb)))
        at += tier.size_gb or 0.0
    return total(parts)


# ── energy and emissions ──────────────────────────────────────────────────────────────────────────────────────


def _footprint(option: Option, rented: Expression) -> tuple[Expression, Expression, bool, bool]:
    """Electricity and emissions per month, and whether either is known of all that runs."""
    energy: list[Expression] = []
    emissions: list[Expression] = []
    knows_energy = knows_emissions = True
    if option.power is not None:
        drawn = _kilowatt_hours(option.power)
        energy.append(drawn)
        if option.power.intensity is not None:
            emissions.append(drawn * option.power.intensity.term / 1000)
        knows_emissions = option.power.intensity is not None
    elif option.capacity is not None:
        knows_energy = knows_emissions = False
    if option.rent is not None:
        rent = option.rent
        if rent.kwh_per_unit is not None:
            drawn = rented * rent.kwh_per_unit.term
            energy.append(drawn)
            if rent.intensity is not None:
                emissions.append(drawn * rent.intensity.term / 1000)
        knows_energy &= rent.kwh_per_unit is not None
        knows_emissions &= rent.kwh_per_unit is not None and rent.intensity is not None
    return total(energy), total(emissions), knows_energy, knows_emissions


def blocks_of(lines: Iterable[Line]) -> tuple[Block, ...]:
    """The blocks that lines have, in the order they first come."""
    return tuple(dict.fromkeys(line.block for line in lines))

"""Scenario files, cash flows, break-even and uncertainty: one rule each, on small studies."""

import json
import math
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from finops import ownership
from finops.errors import AccessError, ConfigurationError
from finops.facts.figures import facts
from finops.tco import compare, uncertainty
from finops.tco.answer import Answer, BreakEvenAnswer, NotComputable, SimulationAnswer, answer
from finops.tco.cashflow import flows
from finops.tco.finance import rate_of_return
from finops.tco.reasons import Never, NoFigure
from finops.tco.scenario import Level
from finops.tco.scenario_file import Measured, load, schema
from tests.tco import studies

AS_OF = date(2026, 11, 25)
EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "tco").glob("*.toml"))
RANGES = {"price": "{ value = 20, low = 8, high = 26 }", "cost": "{ value = 200000, spread = 0.2 }"}


def answered(folder: Path, **changes: object) -> Answer:
    return answer(studies.study(folder, **changes), as_of=AS_OF, seed=1, draws=2000)


def even(found: Answer) -> BreakEvenAnswer:
    assert isinstance(found.break_even, BreakEvenAnswer)
    return found.break_even


def reason(figure: object) -> str:
    assert isinstance(figure, NotComputable)
    return figure.reason


# ── costs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_block_costs_what_its_inputs_say(tmp_path: Path) -> None:
    own = """maintenance_per_year = 0.12
staff = { fte = 0.5, cost_per_year = 90000 }
colocation = { racks = 2, per_rack_month = 600 }
once = [{ name = "Exit", month = 48, cost = 5000 }]"""
    costs = {block.block: float(block.amount) for block in answered(tmp_path, own=own).option("Own").blocks}
    assert costs == pytest.approx(
        {
            "purchase": 200_000,
            "energy": 8 * 0.75 * 1.5 * 730 * 0.25 * 48,
            "maintenance": 200_000 * 0.12 * 4,
            "staff": 45_000 * 4,
            "space": 2 * 600 * 48,
            "one-off": 5000,
            "resale": -20_000,
        }
    )


def test_hardware_is_bought_again_at_the_end_of_its_life_and_the_old_one_sold(tmp_path: Path) -> None:
    asset = "residual_share = 0.1\nprice_trend_per_year = -0.1"
    found = flows(studies.study(tmp_path, life=24, asset=asset, kilowatts=0), "Own")
    assert found.cash[24] == pytest.approx(200_000 * 0.9**2 - 20_000)
    assert found.cash[48] == pytest.approx(-200_000 * 0.9**2 * 0.1)
    assert answered(tmp_path, life=24).option("Own").refresh_months == (24,)


def test_a_commitment_pays_for_hours_nobody_uses(tmp_path: Path) -> None:
    rent = "commitments = [{ price = 10, coverage = 0.5, used = 0.8, term_months = 12 }]"
    found = flows(studies.study(tmp_path, rent=rent), "Cloud")
    assert found.cash[1] == pytest.approx(10 * 0.5 * 500 / 0.8 + 20 * 250)


def test_a_commitment_keeps_its_price_until_it_is_renewed(tmp_path: Path) -> None:
    rent = "trend_per_year = -0.2\ncommitments = [{ price = 10, coverage = 1.0, used = 1.0, term_months = 12 }]"
    found = flows(studies.study(tmp_path, rent=rent), "Cloud")
    assert found.cash[12] == pytest.approx(5000)
    assert found.cash[13] == pytest.approx(4000)


def test_spot_pays_for_the_work_that_interruptions_lose(tmp_path: Path) -> None:
    spot = "spot = { price = 8, share = 0.5, checkpoint_hours = 0.1, interval_hours = 2, restart_hours = 0.25, "
    rent = spot + "hours_between_interruptions = 10 }"
    found = flows(studies.study(tmp_path, rent=rent), "Cloud")
    assert found.cash[1] == pytest.approx(250 * 8 * 1.175 + 250 * 20)


def test_data_that_leaves_is_charged_tier_by_tier(tmp_path: Path) -> None:
    tiers = "[{ size_gb = 1000, price_per_gb = 0.09 }, { price_per_gb = 0.05 }]"
    rent = f"egress = {{ gb_per_month = 1500, free_gb = 100, tiers = {tiers} }}"
    found = answered(tmp_path, rent=rent).option("Cloud")
    assert {one.block: float(one.amount) for one in found.blocks}["network"] == pytest.approx((90 + 20) * 48)


def test_a_hybrid_rents_what_its_own_systems_cannot_serve(tmp_path: Path) -> None:
    more = "pattern = [{ share = 0.8, level = 0.75 }, { share = 0.2, level = 2.0 }]"
    found = flows(studies.study(tmp_path, demand_more=more, own="rent = { on_demand = 20 }"), "Own")
    assert found.owned[1] == pytest.approx(0.8 * 375 + 0.2 * 730)
    assert found.owned[1] + found.rented[1] == pytest.approx(500)
    assert sum(found.short) == 0


def test_what_nobody_serves_is_said_and_is_no_bargain(tmp_path: Path) -> None:
    found = answered(tmp_path, demand=1460)
    assert found.option("Own").served == pytest.approx(0.5)
    assert found.cheapest == "Cloud"
    assert any("serves 50 % of the demand" in note for note in found.notes)


def test_tax_relief_is_a_share_of_what_the_books_show(tmp_path: Path) -> None:
    plain, taxed = (flows(studies.study(tmp_path, study=extra), "Own") for extra in ("", "tax_rate = 0.3"))
    assert sum(taxed.cash) == pytest.approx(0.7 * sum(plain.cash))
    assert taxed.cash[0] == pytest.approx(plain.cash[0])  # a purchase relieves nothing until it wears


def test_budget_years_add_up_to_the_total(tmp_path: Path) -> None:
    for option in answered(tmp_path).options:
        cash = sum(year.capital_cash + year.running_cash for year in option.years)
        assert float(cash) == pytest.approx(float(option.total), abs=0.01)
        assert sum(year.months for year in option.years) == 48


def test_unit_costs_and_footprint_stand_beside_money(tmp_path: Path) -> None:
    more = "accelerators_per_unit = 8\ntokens_per_second = 1000"
    one = answered(tmp_path, demand_more=more).option("Own")
    assert float(str(one.per_unit)) == pytest.approx(float(one.total) / (500 * 48))
    assert float(str(one.per_accelerator_hour)) == pytest.approx(float(one.total) / (500 * 48 * 8), abs=1e-5)
    assert float(str(one.per_million_tokens)) == pytest.approx(float(one.total) / (500 * 48 * 3.6), abs=1e-5)
    assert float(str(one.energy_kwh)) == pytest.approx(8 * 0.75 * 1.5 * 730 * 48)
    assert "grid intensity" in reason(one.co2e_kg)


# ── break-even ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_break_even_month_is_the_first_that_finds_owning_no_dearer(tmp_path: Path) -> None:
    found = answered(tmp_path)
    month = even(found).month
    assert isinstance(month, int)
    own, cloud = (found.option(name).cumulative for name in ("Own", "Cloud"))
    assert own[month] <= cloud[month]
    assert own[month - 1] > cloud[month - 1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": 0}, "never within 48 months: every month of owning costs more"),
        ({"demand": 0}, "never within 48 months: every month of owning costs more"),
        ({"price": 6}, "never within 48 months"),
        ({"horizon": 12, "life": 60, "price": 7}, "never within 12 months: the gap shrinks too slowly"),
    ],
)
def test_a_break_even_that_does_not_come_is_never(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    assert reason(even(answered(tmp_path, **changes)).month).startswith(said)


def test_owning_that_is_free_has_broken_even_from_the_start(tmp_path: Path) -> None:
    assert even(answered(tmp_path, cost=0, kilowatts=0)).month == 0


def test_a_break_even_that_a_refresh_takes_back_says_until_when() -> None:
    found = compare.break_even_month([10, 10, 10, 25, 25, 25], [0, 6, 12, 18, 24, 30])
    assert (found.month, found.lost_again) == (2, 3)


def test_hours_and_use_say_why_there_are_none(tmp_path: Path) -> None:
    free = even(answered(tmp_path, price=0))
    assert "costs no more than running an own one" in reason(free.hours)
    assert "dearer even when all" in reason(free.use)
    idle = even(answered(tmp_path, demand=0))
    assert reason(idle.hours) == "nothing is demanded"


def test_the_break_even_use_is_where_the_present_values_meet(tmp_path: Path) -> None:
    study = studies.study(tmp_path)
    use = compare.break_even_use(study)
    values = {"demand.quantity": use}
    own, cloud = (flows(study, name, values).net_present_value for name in ("Own", "Cloud"))
    assert own == pytest.approx(cloud, abs=0.01)


def test_the_internal_rate_of_return_is_where_the_present_values_meet(tmp_path: Path) -> None:
    rate = float(str(even(answered(tmp_path)).return_per_year))
    study = studies.study(tmp_path)
    own, cloud = (flows(study, name, {"study.discount_rate": rate}).net_present_value for name in ("Own", "Cloud"))
    assert own == pytest.approx(cloud, abs=1)


def test_several_internal_rates_of_return_are_all_named_and_none_is_picked() -> None:
    with pytest.raises(NoFigure, match=r"several internal rates of return: 20.00%, 30.00%"):
        rate_of_return([-1000, 2500, -1560])
    with pytest.raises(NoFigure, match="no internal rate of return"):
        rate_of_return([100, 100])


def test_the_surface_agrees_with_the_break_even_of_its_cells(tmp_path: Path) -> None:
    study = studies.study(tmp_path)
    found = compare.surface(study)
    values = {"demand.quantity": 0.6 * 730, "options.Cloud.rent.on_demand": 20 * 0.8}
    own, cloud = (flows(study, name, values).cumulative for name in ("Own", "Cloud"))
    cell = found.months[found.uses.index(0.6)][found.prices.index(0.8)]
    assert cell == compare.break_even_month(own, cloud).month
    assert found.comparator == "Cloud"


def test_a_price_drop_next_year_moves_the_break_even_back(tmp_path: Path) -> None:
    found = even(answered(tmp_path, price=14, horizon=60))
    months = [drop.month for drop in found.price_drops]
    assert all(isinstance(month, int) for month in [found.month, *months[:1]])
    known = [found.month, *months]
    assert [month for month in known if isinstance(month, int)] == sorted(m for m in known if isinstance(m, int))
    assert months[0] != found.month


# ── uncertainty ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_simulation_repeats_itself_and_another_seed_does_not(tmp_path: Path) -> None:
    study = studies.study(tmp_path, **RANGES)
    first, again, other = (uncertainty.simulate(study, seed=seed, draws=5000) for seed in (1, 1, 2))
    assert first == again
    assert first.p50 != other.p50
    assert first.p50 == pytest.approx(other.p50, rel=0.2)


def test_quantiles_ascend_and_lie_between_the_worst_and_the_best(tmp_path: Path) -> None:
    study = studies.study(tmp_path, **RANGES)
    found = uncertainty.simulate(study, seed=1, draws=5000)
    swings = uncertainty.tornado(study)
    base = float(compare.difference(study).net_present_value({k: q.value for k, q in study.quantities.items()})[0])
    worst = base + sum(max(one.low, one.high) - base for one in swings)
    best = base + sum(min(one.low, one.high) - base for one in swings)
    assert best <= found.p10 < found.p50 < found.p90 <= worst


@pytest.mark.parametrize("kind", ["triangular", "uniform", "normal", "lognormal"])
def test_draws_have_the_distribution_they_are_said_to_have(tmp_path: Path, kind: str) -> None:
    price = f'{{ value = 20, low = 12, high = 26, distribution = "{kind}" }}'
    quantity = studies.study(tmp_path, price=price).quantities["options.Cloud.rent.on_demand"]
    found = sorted(uncertainty.draw(quantity, seed=3, draws=40_000))
    if kind in {"triangular", "uniform"}:
        assert found[0] >= 12
        assert found[-1] <= 26
    else:
        assert found[2000] == pytest.approx(12, rel=0.02)
        assert found[38_000] == pytest.approx(26, rel=0.02)


def test_another_input_changes_nobody_elses_draws(tmp_path: Path) -> None:
    key = "options.Cloud.rent.on_demand"
    one = studies.study(tmp_path, price=RANGES["price"]).quantities[key]
    two = studies.study(tmp_path, **RANGES).quantities[key]
    assert (uncertainty.draw(one, seed=1, draws=10) == uncertainty.draw(two, seed=1, draws=10)).all()


def test_without_ranges_nothing_is_uncertain_and_it_says_so(tmp_path: Path) -> None:
    found = answered(tmp_path)
    assert reason(found.simulation) == "no input has a low and a high"
    assert found.tornado == ()


def test_the_input_that_turns_the_answer_is_named_with_the_value_at_which_it_does(tmp_path: Path) -> None:
    study = studies.study(tmp_path, **RANGES)
    found = answered(tmp_path, **RANGES)
    assert found.deciding[0].startswith("Cloud: on-demand price (from 8 EUR/hour to 26 EUR/hour) decides: at ")
    limit = compare.threshold(study, "options.Cloud.rent.on_demand")
    assert any(f"is above {limit:.4g}" in condition for condition in found.conditions)
    own, cloud = (
        flows(study, name, {"options.Cloud.rent.on_demand": limit}).net_present_value for name in ("Own", "Cloud")
    )
    assert own == pytest.approx(cloud, abs=0.01)


def test_the_chance_agrees_with_the_sign_of_the_draws(tmp_path: Path) -> None:
    found = answered(tmp_path, **RANGES).simulation
    assert isinstance(found, SimulationAnswer)
    assert (found.saving_p50 > 0) == (found.chance_owning_cheaper > 0.5)
    assert sum(one.share for one in found.explained) == pytest.approx(1)


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"own": "colour = 3"}, "unknown key 'colour'"),
        ({"life": 0}, "life_months: 0 is less than the minimum of 1"),
        ({"life": -12}, "minimum"),
        ({"horizon": 0}, "horizon_months"),
        ({"asset": "residual_share = 1.5"}, "a share of 1.5 is more than all"),
        ({"asset": "residual_share = -0.1"}, "below zero"),
        ({"kilowatts": -1}, "below zero"),
        ({"demand": -5}, "demand is below zero"),
        ({"price": '{ fact = "aws-p5.48xlarg" }'}, "No fact is called 'aws-p5.48xlarg'. Did you mean 'aws-p5.48xlarge"),
        ({"price": '{ fact = "aws-p5.48xlarge" }'}, "USD/h has no exchange rate"),
        ({"price": '{ value = 20, unit = "kg" }'}, "the unit is 'kg', and 'EUR/hour' is needed"),
        ({"price": '{ input = "price" }'}, "no input is called 'price'"),
        ({"price": '{ measured = "rate_per_unit" }'}, "Run with --from-bill, or give a value"),
        ({"price": "{ value = 20, low = 25, high = 30 }"}, "do not ascend"),
        ({"price": '{ value = 20, low = 0, high = 30, distribution = "lognormal" }'}, "lognormal"),
        ({"study": 'owned = "X"'}, "no option is called 'X'"),
        ({"demand_more": "pattern = [{ share = 0.5, level = 1.0 }]"}, "Shares add up to 1"),
        ({"rent": "commitments = [{ price = 1, coverage = 1.0, used = 0.0, term_months = 12 }]"}, "none of the commit"),
        ({"asset": 'depreciation = "technology"'}, "no decline"),
        ({"asset": "residual_share = 0.1\ndecline_oom_per_year = 0.1"}, "Give one"),
        ({"price": "nan"}, "no finite number"),
        ({"cost": "inf"}, "no finite number"),
    ],
)
def test_a_mistake_names_file_key_and_mend(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        studies.study(tmp_path, **changes)
    assert said in str(caught.value)
    assert caught.value.todo


def test_a_file_that_is_missing_or_no_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="does not exist"):
        load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("= 3", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        load(tmp_path / "bad.toml")


def test_an_input_in_another_currency_is_converted_and_says_how(tmp_path: Path) -> None:
    rates = '\n[rates]\n"USD/EUR" = { value = 0.9, as_of = 2026-09-30, source = "ECB" }\n'
    file = tmp_path / "study.toml"
    file.write_text(studies.text(price='{ fact = "aws-p5.48xlarge", spread = 0.1 }') + rates, encoding="utf-8")
    price = load(file).quantities["options.Cloud.rent.on_demand"]
    assert price.value == pytest.approx(55.04 * 0.9)
    assert price.low == pytest.approx(55.04 * 0.9 * 0.9)
    assert price.unit == "EUR/hour"
    assert price.source.endswith("at 0.9 EUR/USD of 2026-09-30")
    assert (price.kind, price.as_of) == ("assumed", date(2025, 12, 23))


def test_every_input_says_its_kind_unit_date_and_source_and_old_ones_are_flagged(tmp_path: Path) -> None:
    found = answered(tmp_path, price='{ value = 20, as_of = 2025-11-24, source = "offer" }')
    assert all(one.unit and one.source and one.kind in {"measured", "configured", "assumed"} for one in found.inputs)
    assert [one.label for one in found.inputs if one.stale] == ["Cloud: on-demand price"]
    assert "Older than 12 months: Cloud: on-demand price" in found.notes


def test_what_the_bill_says_replaces_the_file_and_is_called_measured(tmp_path: Path) -> None:
    measured = Measured(
        units_per_month=321.0,
        rate_per_unit=17.5,
        growth_per_year=None,
        currency="EUR",
        pattern=(Level(share=0.5, level=0.5), Level(share=0.5, level=1.5)),
        as_of=date(2026, 10, 31),
        source="bill",
    )
    file = tmp_path / "study.toml"
    more = 'growth_per_year = { measured = "growth_per_year", value = 0.1 }\npattern_from_bill = true'
    demand = '{ measured = "units_per_month", value = 500 }'
    file.write_text(
        studies.text(demand=demand, demand_more=more, price='{ measured = "rate_per_unit", value = 20 }'),
        encoding="utf-8",
    )
    found = load(file, measured=measured)
    assert [found.quantities[key].value for key in ("demand.quantity", "options.Cloud.rent.on_demand")] == [321.0, 17.5]
    assert found.quantities["demand.quantity"].kind == "measured"
    assert found.quantities["demand.growth_per_year"].kind == "assumed"
    assert found.demand.pattern == measured.pattern
    assert load(file).quantities["demand.quantity"].kind == "assumed"


def test_the_schema_is_a_json_schema_and_the_json_answers_are_valid(tmp_path: Path) -> None:
    Draft202012Validator.check_schema(schema())
    found = ownership.answers([studies.study(tmp_path, **RANGES)], as_of=AS_OF, seed=1, draws=500, fiscal_year_start=4)
    Draft202012Validator(ownership.SCHEMA_DOCUMENT).validate(json.loads(ownership.to_json(found)))


def test_the_documented_schema_is_the_one_in_force() -> None:
    documents = Path(__file__).parents[2] / "docs" / "schemas"
    assert json.loads((documents / "tco-1.schema.json").read_text("utf-8")) == ownership.SCHEMA_DOCUMENT


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_worked_example_computes_with_every_input_sourced(file: Path) -> None:
    found = answer(load(file), as_of=AS_OF, seed=1, draws=500)
    assert isinstance(found.cheapest, str)
    assert isinstance(found.simulation, SimulationAnswer)
    assert all(math.isfinite(float(option.total)) for option in found.options)
    assert found.recommendation.startswith(found.cheapest)


def test_there_are_three_worked_examples() -> None:
    assert [file.stem for file in EXAMPLES] == ["storage-archive", "training-server", "web-estate"]


def test_two_saved_scenarios_are_compared_by_what_differs(tmp_path: Path) -> None:
    one, two = answered(tmp_path), answered(tmp_path, price=25)
    changed = {what: (before, after) for what, before, after in ownership.changes(one, two)}
    assert changed["Cloud: on-demand price"] == ("20 EUR/hour", "25 EUR/hour")
    assert "Break-even month" in changed
    assert "Own, total" not in changed
    assert ownership.changes(one, one) == []


def test_a_growth_beyond_any_number_is_an_error_with_its_reason(tmp_path: Path) -> None:
    study = studies.study(tmp_path, demand_more="growth_per_year = 1e90")
    with pytest.raises(ConfigurationError, match="no finite cost"):
        ownership.answers([study], as_of=AS_OF, seed=1, draws=100, fiscal_year_start=1)


def test_the_guide_lists_every_fact_that_ships() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "tco.md").read_text("utf-8")
    for one in facts().values():
        assert f"| `{one.key}` | {one.item} | {one.value} | {one.unit} | {one.as_of} | {one.source} |" in guide


def test_never_is_a_kind_of_no_figure() -> None:
    with pytest.raises(NoFigure):
        raise Never("it does not come")

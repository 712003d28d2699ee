"""finops.toml: what stands in it is what is used, and every mistake is told with its file, line and mend."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from finops import config
from finops.allocation import AllOf, Condition, Rule
from finops.budgets.budget import Budget
from finops.commitments import Agreement
from finops.config import Config, ConfigMissing, NotToml
from finops.errors import AccessError, ConfigurationError
from finops.focus.columns import FOCUS, OWN, TEXT
from finops.invoices import InvoiceLine
from finops.periods import Period
from finops.series import Scope
from tests import growth
from tests.rights import without_rights

PAIRS = (Path(__file__).parent / "mistakes.txt").read_text("utf-8").split("=== ")[1:]
MISTAKES = [re.fullmatch(r"(.*)\n([\s\S]*)\n--- says\n(.*)\n(.*)\s*", pair) for pair in PAIRS]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str, **variables: str) -> Config:
    Path("finops.toml").write_text(text, encoding="utf-8")
    return config.load(Path("finops.toml"), variables=variables)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda pair: pair[1])
def test_a_mistake_is_told_with_its_line_and_mend(mistake: re.Match[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(mistake[2] + "\n")

    assert (caught.value.what, caught.value.todo) == (mistake[3], mistake[4])
    assert caught.value.exit_code == 2


def test_a_missing_file_is_a_mistake_of_the_call(folder: Path) -> None:
    with pytest.raises(ConfigMissing, match=r"finops.toml does not exist. Run the command in the folder") as caught:
        config.load(folder / "finops.toml", variables={})
    assert caught.value.exit_code == 2


def test_a_folder_in_place_of_the_file_cannot_be_read(folder: Path) -> None:
    with pytest.raises(AccessError, match=r"cannot be read: Is a directory. Check the file's rights") as caught:
        config.load(folder, variables={})
    assert caught.value.exit_code == 1


def test_a_file_without_rights_cannot_be_read(folder: Path) -> None:
    file = folder / "finops.toml"
    file.write_text("version = 1\n")

    with without_rights(file), pytest.raises(AccessError, match=r"finops.toml cannot be read: Permission denied"):
        config.load(file, variables={})


def test_a_file_that_is_no_text_is_not_toml(folder: Path) -> None:
    (folder / "finops.toml").write_bytes(b"version = 1\n[organisation]\nname = '\xff'\n")

    with pytest.raises(NotToml, match=r"finops.toml is not valid TOML: 'utf-8' codec can't decode byte 0xff"):
        config.load(folder / "finops.toml", variables={})


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    (folder / "finops.toml").write_bytes(b"\xef\xbb\xbfversion = 1\n")

    assert config.load(folder / "finops.toml", variables={}).sources == ()


def test_a_version_alone_is_a_whole_configuration(folder: Path) -> None:
    loaded = load("version = 1\n")

    assert loaded.organisation.measure == "effective_cost"
    assert loaded.organisation.currency is None
    assert loaded.organisation.fiscal_year_start == 1
    assert loaded.store.path == folder / ".finops"
    assert (loaded.sources, loaded.budgets, loaded.rules.columns, loaded.unused) == ((), (), (), ())


SAMPLE = """
version = 1

[organisation]
name = "Northwind Mills Ltd"
currency = "GBP"
fiscal_year_start = 7
locale = "de_DE"
measure = "billed_cost"

[store]
path = "tables"
engine = "duckdb"
memory_limit = "2.5GB"
spill = "spilled"

[[sources]]
name = "main"
connector = "aws"
location = "s3://mill-bills/monthly/cur"
format = "cur2"
profile = "reader"
role_arn = "arn:aws:iam::1:role/reader"

[[sources]]
name = "maps"
connector = "gcp"
table = "mill.billing.gcp_billing_export_resource_v1_0A0A0A"
currency = "EUR"

[[sources]]
name = "office"
connector = "focus"
location = "office/*.parquet"

[rates]
file = "rates.csv"
plan = { "USD/GBP" = 0.79 }

[[projects]]
name = "loom"
owner = "loom@example.org"
cost_centre = "0815"
match = [
  { tag = "project", equals = "loom" },
  { account = "000011112222", provider = "AWS" },
  { tag = "app", matches = "^loom-" },
  { tag = "weaving" },
  { tag = "team", equals = ["a", "b"], matches = "a|b" },
]

[[phases]]
name = "training"
match = [{ service = { matches = "SageMaker" } }]

[[environments]]
name = "live"
match = [{ region = ["eu-west-2", "eu-west-1"] }, { billing_account = "1" }, { source = "office" }]

[[shared]]
name = "network"
match = [{ account = "333344445555" }]
split = "proportional"
to = ["loom"]

[[budgets]]
name = "loom training"
scope = { project = "loom", phase = "training", tags = { "app.kubernetes.io/name" = ["x", "y"] } }
measure = "accelerator_hours"
period = "fiscal_year"
limit = 1200.5
owner = "lead@example.org"
reason = "second loom"

[[budgets]]
name = "move"
period = { from = 2026-03-01, to = 2026-09-01 }
limits = { "2026-04" = 3000, "2026-05" = 3500.25 }
currency = "GBP"

[[events]]
name = "contract ends"
scope = { provider = "AWS" }
date = 2026-11-04
effect = { percent = 6 }

[[alerts]]
name = "likely overrun"
when = "probability_of_overrun >= 0.6"
level = "medium"

[notify]
urls = ["env:FINOPS_NOTIFY_URL"]

[forecast]
history_months = 12
seed = 7
holidays = ["GB"]

[report]
classification = "Confidential"
languages = ["en", "de"]

[anomalies]
[tco]
[compute]
[[commitments]]
id = "sp-1"
end = 2027-03-01
[[commitments]]
id = "sp-2"
name = "three years"
start = 2026-12-01
end = 2029-12-01
hourly = 1.25
upfront = 1000
discount = 35
currency = "USD"
scope = { provider = "AWS" }
[[invoices]]
file = "invoices.csv"
[[invoices]]
month = "2026-09"
source = "main"
amount = 1234.56
currency = "GBP"
"""


def test_everything_the_format_knows_is_read(folder: Path) -> None:
    loaded = load(SAMPLE)

    assert loaded.organisation == config.Organisation(
        name="Northwind Mills Ltd", currency="GBP", fiscal_year_start=7, locale="de_DE", measure="billed_cost"
    )
    assert loaded.store == config.Store(
        path=folder / "tables", engine="duckdb", memory_limit="2.5GB", spill=folder / "spilled"
    )
    assert loaded.projects == (config.Project(name="loom", owner="loom@example.org", cost_centre="0815"),)
    assert loaded.forecast == config.ForecastSettings(history_months=12, seed=7, holidays=("GB",))
    assert loaded.report.classification == "Confidential"
    assert loaded.plan == {"USD/GBP": Decimal("0.79")}
    assert loaded.invoice_files == (folder / "invoices.csv",)
    assert loaded.invoices == (InvoiceLine(month="2026-09", source="main", amount=Decimal("1234.56"), currency="GBP"),)


def test_sources_keep_what_their_connectors_need(folder: Path) -> None:
    main, maps, office = load(SAMPLE).sources

    assert (main.connector, main.source.location, main.source.format) == ("aws", "s3://mill-bills/monthly/cur", "cur2")
    assert main.source.options == {"profile": "reader", "role_arn": "arn:aws:iam::1:role/reader"}
    assert (main.source.currency, main.source.currency_from) == ("GBP", "[organisation] currency")
    assert (maps.source.location, maps.source.currency, maps.source.currency_from) == (
        None,
        "EUR",
        "the source's currency",
    )
    assert maps.source.options == {"table": "mill.billing.gcp_billing_export_resource_v1_0A0A0A"}
    assert (office.source.location, office.source.format) == (str(folder / "office/*.parquet"), "auto")


def test_alternatives_become_conditions() -> None:
    rules = load(SAMPLE).rules

    assert rules.projects[0].any_of == (
        Condition(field="tag", key="project", values=("loom",)),
        AllOf(
            parts=(Condition(field="account", values=("000011112222",)), Condition(field="provider", values=("AWS",)))
        ),
        Condition(field="tag", key="app", pattern="^loom-"),
        Condition(field="tag", key="weaving", pattern=""),
        AllOf(
            parts=(
                Condition(field="tag", key="team", values=("a", "b")),
                Condition(field="tag", key="team", pattern="a|b"),
            )
        ),
    )
    assert rules.phases == (Rule(name="training", any_of=(Condition(field="service", pattern="SageMaker"),)),)
    assert list(map(str, rules.environments[0].any_of)) == [
        "region = eu-west-2 or eu-west-1",
        "billing account = 1",
        "source = office",
    ]


def test_conditions_combine_and_rules_have_days() -> None:
    rules = load("""version = 1
[[projects]]
name = "loom"
from = 2026-03-01
to = "2026-09-01"
match = [
  { all = [{ tag = "a", equals = "x" }, { label = "b" }], not = { any = [{ SkuId = "s" }, { resource = "r" }] } },
  { cost_category = "Team", matches = "^l" },
]
""").rules

    (rule,) = rules.projects
    assert (rule.start, rule.end) == (date(2026, 3, 1), date(2026, 9, 1))
    assert list(map(str, rule.any_of)) == [
        "tag a = x and label b is set and not (SkuId = s or resource = r)",
        "cost category Team ~ ^l",
    ]
    assert rules.columns == ("ResourceId", "SkuId", "Tags", "x_CostCategories", "x_Day")


def test_every_text_column_can_be_named_in_a_rule() -> None:
    known = set(config.schema()["$defs"]["condition"]["properties"])
    held = {"Tags", "x_CostCategories", "x_Credits", "SkuPriceDetails"}
    texts = {column.name for column in (*FOCUS, *OWN) if column.type == TEXT}

    assert {name for name in known if name[0].isupper() or name.startswith("x_")} == texts - held


def test_shared_cost_is_split_as_it_says() -> None:
    projects = "".join(f'[[projects]]\nname = "{name}"\nmatch = [{{ account = "{name}" }}]\n' for name in "ab")
    pools = """
[[shared]]
name = "one"
match = [{ account = "1" }]
split = "fixed"
parts = { a = 62.5, b = 37.5 }
[[shared]]
name = "two"
from = 2026-01-01
until = 2026-02-01
match = [{ account = "2" }]
split = "metric"
file = "seats.csv"
to = ["one", "a"]
[[shared]]
name = "three"
match = [{ account = "3" }]
split = "proportional"
measure = "billed_cost"
"""
    one, two, three = load("version = 1\n" + projects + pools).rules.shared

    assert (one.split, one.to, one.parts) == ("fixed", ("a", "b"), (Decimal("62.5"), Decimal("37.5")))
    assert (two.split, two.to, two.file) == ("metric", ("one", "a"), Path("seats.csv").absolute())
    assert (two.rule.start, two.rule.end) == (date(2026, 1, 1), date(2026, 2, 1))
    assert (three.split, three.to, three.measure) == ("proportional", ("a", "b"), "billed_cost")


def test_budgets_keep_limits_exact_and_periods_without_their_end() -> None:
    training, move = load(SAMPLE).budgets

    assert training == Budget(
        name="loom training",
        scope=Scope(
            fields=(("phase", ("training",)), ("project", ("loom",)), ("tag:app.kubernetes.io/name", ("x", "y")))
        ),
        measure="accelerator_hours",
        period="fiscal_year",
        limit=Decimal("1200.5"),
        owner="lead@example.org",
    )
    assert move.period == Period(start=date(2026, 3, 1), end=date(2026, 9, 1))
    assert (move.scope, move.measure, move.limit) == (Scope(), "billed_cost", None)
    assert move.limits == {"2026-04": Decimal(3000), "2026-05": Decimal("3500.25")}


def test_a_project_takes_owner_and_cost_centre_from_its_team() -> None:
    text = """version = 1
[[teams]]
name = "shop"
owner = "shop@example.org"
cost_centre = "1"
[[projects]]
name = "a"
team = "shop"
cost_centre = "2"
match = [{ account = "1" }]
[[projects]]
name = "b"
match = [{ account = "2" }]
"""
    loaded = load(text)

    assert loaded.projects[0] == config.Project(name="a", owner="shop@example.org", cost_centre="2", team="shop")
    assert loaded.teams == {"a": "shop"}


def test_days_may_be_written_as_text() -> None:
    text = 'version = 1\n[[budgets]]\nname = "x"\nlimit = 1\nperiod = { from = "2026-03-01", to = 2026-09-01 }\n'

    assert load(text).budgets[0].period == Period(start=date(2026, 3, 1), end=date(2026, 9, 1))


def test_a_limit_keeps_every_digit() -> None:
    text = 'version = 1\n[[budgets]]\nname = "x"\nlimit = 12345678901234567890.123456789012345678\n'

    assert load(text).budgets[0].limit == Decimal("12345678901234567890.123456789012345678")


def test_tags_without_a_key_narrow_nothing() -> None:
    text = 'version = 1\n[[budgets]]\nname = "x"\nlimit = 1\nscope = { tags = {} }\n'

    assert load(text).budgets[0].scope == Scope()


def test_scenarios_are_named_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "tco").mkdir()
    for name in ("b.toml", "a.toml"):
        (tmp_path / "tco" / name).touch()
    file = tmp_path / "finops.toml"
    file.write_text('version = 1\n[tco]\nscenarios = ["tco/*.toml", "one.toml"]\n', encoding="utf-8")
    folder = tmp_path.resolve()
    assert config.load(file, variables={}).tco == (folder / "tco/a.toml", folder / "tco/b.toml", folder / "one.toml")
    file.write_text('version = 1\n[tco]\nscenarios = ["../*.toml"]\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="leaves the folder"):
        config.load(file, variables={})


def test_an_event_is_dated_and_has_one_effect() -> None:
    (event,) = load(SAMPLE).events
    assert (event.name, event.start, event.until) == ("contract ends", date(2026, 11, 4), None)
    assert (event.kind, event.amount, event.chance) == ("percent", Decimal(6), Decimal(1))
    assert event.scope == Scope(fields=(("provider", ("AWS",)),))


def test_a_commitment_says_what_an_export_lacks() -> None:
    assert load(SAMPLE).commitments == (
        Agreement(identifier="sp-1", end=date(2027, 3, 1), currency="GBP"),
        Agreement(
            identifier="sp-2",
            name="three years",
            start=date(2026, 12, 1),
            end=date(2029, 12, 1),
            hourly=Decimal("1.25"),
            upfront=Decimal(1000),
            discount=Decimal(35),
            currency="USD",
            scope=Scope(fields=(("provider", ("AWS",)),)),
        ),
    )


def test_what_a_later_version_uses_is_accepted_and_named() -> None:
    assert load(SAMPLE).unused == (
        "report.languages",
        "alerts",
        "notify",
        "anomalies",
        "compute",
    )


def test_a_variable_beats_the_file_the_file_beats_the_user_and_the_user_beats_the_default(folder: Path) -> None:
    project, user = folder / "finops.toml", folder / "home.toml"
    project.write_text('version = 1\n[organisation]\nname = "project"\nlocale = "de_DE"\n')
    user.write_text('[organisation]\nname = "user"\nlocale = "fr_FR"\nfiscal_year_start = 4\nmeasure = "list_cost"\n')
    loaded = config.load(
        project,
        variables={"FINOPS_ORGANISATION_NAME": "variable", "FINOPS_ORGANISATION_MEASURE": ""},
        user_file=user,
    ).organisation

    assert loaded.name == "variable"
    assert loaded.locale == "de_DE"
    assert loaded.fiscal_year_start == 4
    assert loaded.measure == "list_cost", "an empty variable says nothing"
    assert loaded.currency is None


def test_numbers_in_variables_are_numbers_where_numbers_belong() -> None:
    loaded = load("version = 1\n", FINOPS_FORECAST_SEED="42", FINOPS_ORGANISATION_NAME="1984")

    assert loaded.forecast.seed == 42
    assert loaded.organisation.name == "1984"


@pytest.mark.parametrize("value", ["April", "--4", "²", "4.5"])
def test_a_mistake_in_a_variable_names_the_variable_not_the_file(value: str) -> None:
    text = "version = 1\n[organisation]\nfiscal_year_start = 4\n"

    with pytest.raises(ConfigurationError, match=r"^FINOPS_ORGANISATION_FISCAL_YEAR_START: fiscal_year_start is '"):
        load(text, FINOPS_ORGANISATION_FISCAL_YEAR_START=value)


def test_a_mistake_in_the_users_file_names_that_file(folder: Path) -> None:
    user = folder / "home.toml"
    user.write_text("# mine\n[stroe]\n")
    (folder / "finops.toml").write_text("version = 1\n")

    with pytest.raises(ConfigurationError, match=r"home.toml, line 2: unknown key 'stroe'. Did you mean 'store'"):
        config.load(folder / "finops.toml", variables={}, user_file=user)


def test_relative_paths_start_at_the_file_they_stand_in(folder: Path) -> None:
    (folder / "team").mkdir()
    (folder / "home").mkdir()
    source = '[[sources]]\nname = "a"\nconnector = "focus"\nlocation = "../bills"\n'
    (folder / "team/finops.toml").write_text("version = 1\n" + source)
    (folder / "home/finops.toml").write_text('[store]\npath = "tables"\n')
    loaded = config.load(Path("team/finops.toml"), variables={}, user_file=folder / "home/finops.toml")

    location = loaded.sources[0].source.location
    assert location is not None
    assert Path(location).resolve() == folder / "bills"
    assert loaded.store.path == folder / "home/tables"


def test_absolute_paths_and_home_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/me")

    assert load('version = 1\n[store]\npath = "/srv/tables"\n').store.path == Path("/srv/tables")
    assert load('version = 1\n[store]\npath = "~/tables"\n').store.path == Path("/srv/me/tables")


def test_the_settings_in_force_are_shown_with_variables_and_defaults(folder: Path) -> None:
    (folder / "finops.toml").write_text('version = 1\n[organisation]\nname = "x"\n')
    shown = config.show(folder / "finops.toml", variables={"FINOPS_STORE_PATH": "elsewhere"})

    assert shown["organisation"] == {
        "name": "x",
        "fiscal_year_start": 1,
        "locale": "en_GB",
        "measure": "effective_cost",
    }
    assert shown["store"]["path"] == "elsewhere"
    assert shown["forecast"] == {"history_months": 24, "seed": 1, "commitments": True}


def test_the_schema_is_a_schema_and_its_examples_and_defaults_keep_to_it() -> None:
    schema = config.schema()

    Draft202012Validator.check_schema(schema)
    found = [node for node in _nodes(schema) if "examples" in node or "default" in node]
    assert len(found) > 10
    for node in found:
        described = {**node, "$defs": schema["$defs"]}
        for value in [*node.get("examples", ()), *(node[name] for name in ("default",) if name in node)]:
            Draft202012Validator(described).validate(value)


def test_six_times_the_projects_take_about_six_times_as_long_to_load() -> None:
    match = '[{{ tag = "project", equals = "p{0}" }}, {{ tag = "app", matches = "^p{0}-" }}]'
    project = f'[[projects]]\nname = "p{{0}}"\nmatch = {match}\n'
    budget = '[[budgets]]\nname = "b{0}"\nscope = {{ project = "p{0}" }}\nlimit = {0}\n'

    def loaded(count: int) -> Config:
        return load("version = 1\n" + "".join(part.format(at) for at in range(count) for part in (project, budget)))

    config = loaded(300)
    assert (len(config.projects), len(config.budgets), len(config.rules.projects)) == (300, 300, 300)
    assert growth.factor(loaded, small=50, large=300) < 12


def _nodes(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _nodes(value)

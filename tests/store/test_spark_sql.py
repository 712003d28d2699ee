"""Spark's SQL says what the expression says, where Ibis alone would write something else; Spark need not be there."""

import re
import sys

import ibis
import pytest

from finops.connector import Delivery, RawExport, RawTable
from finops.errors import ConfigurationError
from finops.store import spark_session, spark_sql
from finops_aws.mapping import focus_rows
from tests.store.test_dialects import CUR, daily

T = ibis.table({"s": "string", "f": "float64", "t": "timestamp('UTC')", "m": "map<string, string>"}, name="t")


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        (T.s.re_replace(r"(a)\1$", r"\1-$5\\"), r"REGEXP_REPLACE(`t0`.`s`, '(a)\\1\\z', '$1-\\$5\\\\')"),
        (T.s.re_search(r"a$"), r"`t0`.`s` RLIKE 'a\\z'"),
        (T.s.re_search(r"a\$"), r"`t0`.`s` RLIKE 'a\\$'"),
        (T.s.cast("json").cast("map<string, string>"), "FROM_JSON(`t0`.`s`, 'MAP<STRING, STRING>')"),
        (T.s.cast("json")["a"].str, "GET_JSON_OBJECT(`t0`.`s`, CONCAT('$.', 'a'))"),
        (T.m.cast("json").cast("string"), "TO_JSON(`t0`.`m`)"),
        (T.f.cast("string"), "REPLACE(LOWER(CAST(`t0`.`f` AS STRING)), '.0e', 'e')"),
        (T.f.isnull(), "`t0`.`f` IS NULL"),
        (T.t.second(), "SECOND(`t0`.`t`)"),
        (T.s.split(",").join(";"), "IF(SIZE(SPLIT(`t0`.`s`, ',')) > 0, ARRAY_JOIN(SPLIT(`t0`.`s`, ','), ';'), NULL)"),
    ],
)
def test_a_rule_gives_what_duckdb_means(expression: ibis.Value, sql: str) -> None:
    assert f"SELECT {sql} AS" in spark_sql.query(expression.name("x").as_table())


def test_every_column_has_the_type_its_schema_says() -> None:
    """A sum of decimals is wider to Spark, and Ibis leaves out the cast that would bring it back."""
    money = ibis.table({"a`b": "decimal(36, 18)"}, name="t")
    assert re.match(
        r"SELECT CAST\(`a``b` AS DECIMAL\(36, 18\)\) AS `a``b` FROM \(SELECT",
        spark_sql.query(money.select(money["a`b"].cast("decimal(36, 18)"))),
    )


def test_mapping_and_allocation_compile_without_spark() -> None:
    tables = (
        RawTable(name="line_items", files=(), format="parquet", columns=CUR),
        RawTable(name="aws_services", files=(), format="parquet", columns={"service": "string", "category": "string"}),
    )
    raw = RawExport(delivery=Delivery(key="k", fingerprint="f", files=()), tables=tables)
    for expression in (focus_rows(raw, "USD"), daily()):
        assert "UNWRAP_JSON" not in spark_sql.query(expression)  # a function in Python, which no worker has


def test_without_spark_for_python_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'finops\[spark\]'"):
        spark_session.running()

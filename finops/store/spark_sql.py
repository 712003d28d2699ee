"""Spark's SQL for expressions: rules for what Ibis writes for Spark otherwise, wrongly or not at all.

Each makes Spark give what DuckDB gives for the same expression, to the last digit.
"""

import functools
import re
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

_BLANKS = " \t\n\v\f\r"
_GROUP = re.compile(r"\\(\d)|\\\\|\$")
"""In a replacement: a group as RE2 names it, an escaped backslash, and a mark that Java takes for a group."""


def query(expression: "ir.Table") -> str:
    """The statement of an expression, with every column of the type its schema says.

    Spark widens decimals in sums and differences; Ibis leaves out a cast that it thinks changes nothing.
    """
    compiler = _compiler()
    statement = compiler.to_sqlglot(expression).sql(dialect=compiler.dialect)
    cells = (f"CAST({quoted(name)} AS {type_of(kind)}) AS {quoted(name)}" for name, kind in expression.schema().items())
    return f"SELECT {', '.join(cells)} FROM ({statement})"  # noqa: S608 - names are quoted


def type_of(kind: "ibis.expr.datatypes.DataType") -> str:
    """A type's name in Spark's SQL."""
    return str(_compiler().type_mapper.to_string(kind))


def quoted(name: str) -> str:
    """A name in Spark's SQL."""
    return "`" + name.replace("`", "``") + "`"


@functools.cache
def _compiler() -> Any:
    return _rules()()


def _rules() -> Any:  # noqa: C901 - one short rule per operation
    import sqlglot.expressions as sge
    from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler

    class SparkCompiler(PySparkCompiler):  # type: ignore[misc]  # Ibis is not marked as typed
        __slots__ = ()
        SIMPLE_OPS: ClassVar[dict[Any, str]] = {}  # Ibis reads it when the class is made: its own stay, below our rules

        # ── cells ──

        def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
            """Floats as they are: what Ibis asks its options for needs its whole Spark backend."""
            if dtype.is_floating():
                return None
            return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

        def visit_Field(self, op: Any, *, rel: Any, name: Any) -> Any:
            """As visit_NonNullLiteral."""
            return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

        def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
            """A float that is no number is not null."""
            return arg.is_(NULL)

        def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
            """As visit_IsNull."""
            return sge.Not(this=arg.is_(NULL))

        # ── casts ──

        def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
            """Also floats to text, and JSON to maps."""
            kind = op.arg.dtype
            if kind.is_floating() and to.is_string():
                # Java writes `5.0E-19` where others write `5e-19`; 3 million amounts showed no other difference.
                return self.f.replace(self.f.lower(self.cast(arg, to)), sge.convert(".0e"), sge.convert("e"))
            if kind.is_json() and to.is_map():
                return self.f.anon.from_json(arg, sge.convert(type_of(to)))
            if kind.is_json() and to.is_string():
                return arg
            return super().visit_Cast(op, arg=arg, to=to)

        def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
            """Also text to JSON, and JSON to maps."""
            if to.is_json() or op.arg.dtype.is_json() or (op.arg.dtype.is_floating() and to.is_string()):
                return self.visit_Cast(op, arg=arg, to=to)
            return super().visit_TryCast(op, arg=arg, to=to)

        def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:
            """The member of an object, as text; keys are plain words."""
            return self.f.get_json_object(arg, self.f.concat(sge.convert("$."), index))

        def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:
            """What `visit_JSONGetItem` gives is text already."""
            return arg

        # ── texts ──

        def visit_Strip(self, op: Any, *, arg: Any) -> Any:
            """Every blank, not spaces alone."""
            return sge.Trim(this=arg, expression=sge.convert(_BLANKS), position="BOTH")

        def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:
            """With an end that is the end."""
            return arg.rlike(_to_the_end(pattern))

        def visit_RegexExtract(self, op: Any, *, arg: Any, pattern: Any, index: Any) -> Any:
            """With an end that is the end."""
            return self.f.regexp_extract(arg, _to_the_end(pattern), index)

        def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
            """With groups as Java names them."""
            return self.f.regexp_replace(arg, _to_the_end(pattern), _in_java(replacement))

        def visit_ExtractSecond(self, op: Any, *, arg: Any) -> Any:
            """Without its fraction."""
            return self.f.anon.second(arg)

        # ── lists ──

        def visit_ArrayStringJoin(self, op: Any, *, arg: Any, sep: Any) -> Any:
            """Null members left out; null where there are none."""
            return self.if_(self.f.anon.size(arg) > 0, self.f.anon.array_join(arg, sep), NULL)

    def _to_the_end(pattern: Any) -> Any:
        r"""A pattern whose last `$` means the end of the text; Java's also matches before a last line break."""
        if isinstance(pattern, sge.Literal) and re.search(r"(?<!\\)(\\\\)*\$$", pattern.this):
            return sge.convert(f"{pattern.this[:-1]}\\z")
        return pattern

    def _in_java(replacement: Any) -> Any:
        if not isinstance(replacement, sge.Literal):
            return replacement
        return sge.convert(
            _GROUP.sub(lambda found: f"${found[1]}" if found[1] else f"\\{found[0][-1]}", replacement.this)
        )

    return SparkCompiler

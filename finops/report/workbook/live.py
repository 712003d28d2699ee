"""Live: formulas for gaps and totals, only where calculating them gives what the report says.

A formula that would come to another number than the report's would change it in the reader's hands; such a figure is
written as a number. Reasons stand in cells, and formulas point at them.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from finops.money import add, subtract, to_float
from finops.report.model import Amount, Figure, NotComputable


def gap_formula(forecast: str, budget: str, *, of: tuple[Figure, Figure], gap: Figure) -> str | None:
    """Forecast minus budget; where one is missing, the text of its cell.

    Args:
        forecast: its cell.
        budget: its cell.
        of: the figures in them.
        gap: what the report says.
    """
    left, right = of
    missing = next((figure for figure in of if isinstance(figure, NotComputable)), None)
    agrees = gap == missing if missing is not None else _is_difference(gap, left, right)
    if not agrees:
        return None
    return f"=IF(ISNUMBER({forecast}),IF(ISNUMBER({budget}),{forecast}-{budget},{budget}),{forecast})"


def ratio_formula(
    gap: str, base: str, reason: str | None, *, of: tuple[Figure, Figure], ratio: Decimal | NotComputable
) -> str | None:
    """Gap over its base; the reason's cell where the base is zero or negative, the gap's text where it is missing.

    Args:
        gap: its cell.
        base: its cell.
        reason: cell that says why there is no percentage on such a base; None where no row has one.
        of: the figures in them.
        ratio: what the report says.
    """
    whole, part = of[1], of[0]
    if isinstance(part, NotComputable):
        agrees = ratio == part
    elif isinstance(whole, NotComputable):
        agrees = False
    elif whole.exact <= 0:
        agrees = isinstance(ratio, NotComputable) and reason is not None
    else:
        agrees = not isinstance(ratio, NotComputable) and math.isclose(
            to_float(ratio), to_float(part.exact) / to_float(whole.exact), rel_tol=1e-12, abs_tol=1e-15
        )
    if not agrees:
        return None
    otherwise = reason if reason is not None else '"n/a"'
    return f"=IF(ISNUMBER({gap}),IF({base}>0,{gap}/{base},{otherwise}),{gap})"


def sum_formula(area: str, reason: str | None, *, of: Sequence[Figure], total: Figure) -> str | None:
    """The sum of a column; where a part is missing and so is the total, the reason's cell.

    Args:
        area: the cells.
        reason: cell that says why there is no total; None where there is one.
        of: the figures in them.
        total: what the report says.
    """
    known = [figure.exact for figure in of if isinstance(figure, Amount)]
    if isinstance(total, Amount):
        return f"=SUM({area})" if known and add(*known) == total.exact else None
    if len(known) == len(of) or reason is None:
        return None
    return f"=IF(COUNT({area})=ROWS({area}),SUM({area}),{reason})"


def _is_difference(gap: Figure, left: Figure, right: Figure) -> bool:
    if not (isinstance(gap, Amount) and isinstance(left, Amount) and isinstance(right, Amount)):
        return False
    return gap.exact == subtract(left.exact, right.exact)

"""NoFigure: a figure that cannot be computed, and why; it is never zero and never a guess."""


class NoFigure(ArithmeticError):
    """The inputs give no figure.

    Args:
        reason: one clause that ends a sentence `… is not computable: REASON`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Never(NoFigure):
    """The event asked for does not come, at any time: said as `never`, with the reason."""

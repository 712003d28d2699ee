"""NotComputable: a figure that has no value, and why; it is never zero and never a guess."""


class NotComputable(ArithmeticError):
    """The inputs give no figure.

    Args:
        reason: one clause that ends a sentence `… is not computable: REASON`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Never(NotComputable):
    """The event asked for does not come, at any time: said as `never`, with the reason."""

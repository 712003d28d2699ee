"""Every error a user can meet, grouped by what they do next.

    FinopsError
    ├── ConfigurationError   fix finops.toml, a flag or a variable      exit 2
    ├── AccessError          fix a path, a right or a credential        exit 1
    ├── RetryError           nothing is broken: try again               exit 1
    └── BillError            look at the bill or its export             exit 1

Doubtful data that does not stop the run is no error but a `Finding` (findings.py).
"""


class FinopsError(Exception):
    """Two sentences: what happened (value, file, line, key) and what to do next.

    Args:
        what: what happened, naming the offending value and where it stands.
        todo: what the reader does next.
    """

    exit_code = 1

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what} {todo}")
        self.what = what
        self.todo = todo


class ConfigurationError(FinopsError):
    """The configuration, a flag or a variable must be changed."""

    exit_code = 2


class AccessError(FinopsError):
    """A path, a right or a credential must be changed."""


class RetryError(FinopsError):
    """Somebody else was in the way; the same call works later."""


class BillError(FinopsError):
    """The export holds something that would lose or invent money."""

"""Our forecaster keeps the contract that finops.testing publishes."""

from finops.forecast.forecaster import CalendarForecaster, Forecaster
from finops.testing.forecaster import ForecasterContract


class TestCalendarForecaster(ForecasterContract):
    """The whole suite; nothing is added."""

    def forecaster(self) -> Forecaster:
        return CalendarForecaster()

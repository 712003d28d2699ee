"""Cloud cost forecasting and FinOps reporting on your own machine."""

__version__ = "0.1.0"

"""Contract suites a connector and a forecaster must pass; shipped, so that strangers can use them."""

"""Any provider's FOCUS file."""

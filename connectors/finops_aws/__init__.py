"""AWS: legacy CUR, CUR 2.0."""

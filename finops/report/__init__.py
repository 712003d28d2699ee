"""One frozen `Report`, and its renderings: HTML, PDF, JSON, terminal."""

"""What we expect: daily spend into the future, with ranges of period totals that hold."""

"""Facts: reference figures that ship with the tool, each with its unit, date and source.

What was only recalled, or not read in its source, does not ship.
"""

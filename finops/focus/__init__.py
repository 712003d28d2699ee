"""The FOCUS cost table: its columns as data, how cells of exports become exact values, and checks."""

"""Reports of an outcome: printed, and written to files in the formats that other tools read."""

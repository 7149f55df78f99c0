"""Everything that works without AWS: run the program, look at its resource graph, check it."""

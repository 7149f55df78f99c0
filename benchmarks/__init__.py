"""What is timed, as ratios in one run: `make bench` prints a table. Nothing here is a test."""

"""Speed and memory against named rivals in the same run; `python -m tests.benchmarks.copy --help`."""

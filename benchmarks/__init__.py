"""What the tool costs beside its peers, measured in one run: `python -m benchmarks NAME`."""

"""Entry points of the undercloud's child processes: one module for each service, run by `python -m`."""

"""Repeatable measurements: a product filled in bulk, measured over HTTP as people use it. `python -m bench --help`."""

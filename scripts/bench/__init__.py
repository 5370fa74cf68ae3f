"""Measures the system on a local cloud: ratios within one run, since seconds differ from machine to machine."""

"""Mutation tests of the critical modules: each small change must make a test fail."""

"""Answers how the jobs of a batch stand."""

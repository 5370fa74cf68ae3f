"""Fuzz the running API against its OpenAPI document: schemathesis sends valid and invalid requests."""

"""Modules that several commands of scripts/ share: programs, sessions, AWS, the API, Terraform, paths."""

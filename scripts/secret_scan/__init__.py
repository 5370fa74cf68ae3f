"""Search the files that would be committed for secrets."""

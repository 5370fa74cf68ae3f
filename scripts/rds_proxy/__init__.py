"""A double of RDS Proxy for PostgreSQL, as strict as its documentation."""

"""A double of an ElastiCache replication group with IAM logins: a front before a real Redis, strict as documented."""

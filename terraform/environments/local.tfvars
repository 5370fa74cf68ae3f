# On an emulator, which has no engines behind RDS and ElastiCache: functions reach servers on this machine, so no network either.
# `make up` adds what is known only then: packages, database and Redis URLs, Replicate's address, output hosts.
prefix     = "vsl-local"
region     = "us-east-1"
disposable = true
network    = null
database   = null
cache      = null
limits     = { rate_per_hour = 1000, failures_per_address = 1000 } # one user tries a lot, from one address
logs       = { level = "DEBUG" }

# On an emulator. `make up` adds what is known only then: packages, database and Redis URLs, Replicate's address, output hosts.
prefix     = "vsl-local"
region     = "us-east-1"
disposable = true
log_level  = "DEBUG"

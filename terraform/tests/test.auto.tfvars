# Everything is brought along, so that a test says itself which part is ours.
prefix             = "vsl-test"
region             = "us-east-1"
network            = null
database           = null
cache              = null
database_url       = "postgresql://vsl@database.test:5432/vsl?iam=true"
owner_database_url = "postgresql://vsl_owner@database.test:5432/vsl?iam=true"
redis_url          = "rediss://vsl@cache.test:6379/0?iam=vsl-test"

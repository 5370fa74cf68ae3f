# What is tried before others see it: as dev, but its data stays.
prefix = "vsl-staging"
region = "us-east-1"

database = { instance_class = "db.t4g.small" }

# Runs within the 10 concurrent executions of a new account: two for each queue, the least AWS takes, leave four to the API.
functions = { queue_concurrency = { submissions = 2, webhooks = 2, callbacks = 2 } }
limits    = { waiting_requests = 2 }

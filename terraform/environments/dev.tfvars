# The cheapest complete platform: everything once, in its smallest size, and `make destroy` may take it away.
prefix     = "vsl-dev"
region     = "us-east-1"
disposable = true

database = { instance_class = "db.t4g.micro" }
logs     = { level = "DEBUG" }

# Runs within the 10 concurrent executions of a new account: two for each queue, the least AWS takes, leave four to the API.
functions = { queue_concurrency = { submissions = 2, webhooks = 2, callbacks = 2 } }
limits    = { waiting_requests = 2 }

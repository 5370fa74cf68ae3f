# The rehearsal of prod: the same parts (proxy, traces, reserved containers), once and smaller.
prefix = "vsl-homolog"
region = "us-east-1"

database = { instance_class = "db.t4g.medium", proxy = true }
limits   = { rate_per_hour = 100 }

functions = {
  tracing           = true
  queue_concurrency = { submissions = 5, webhooks = 10, callbacks = 10 }
  # Needs a quota of 265 concurrent executions: 165 are reserved and AWS keeps 100 unreserved. A new account has 10: request 1000, or leave this out.
  reserved_concurrency = {
    authorize       = 50
    generate_media  = 25
    submit_job      = 5
    receive_webhook = 25
    process_webhook = 10
    get_status      = 50
  }
}

# alarm_topic_arn = "arn:aws:sns:us-east-1:<account id>:<topic>"

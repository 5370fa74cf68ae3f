# Nothing here is alone: every part has a second one in another zone, and the media a copy in another region.
prefix = "vsl-prod"
region = "us-east-1"

network      = { zones = 3, redundant = true }
database     = { instance_class = "db.m7g.large", storage_gb = 100, max_storage_gb = 1000, multi_az = true, proxy = true }
cache        = { node_type = "cache.t4g.small", replicas = 1 }
media_bucket = { replica_region = "us-west-2" }
customer_key = true

functions = {
  tracing           = true
  queue_concurrency = { submissions = 10, webhooks = 40, callbacks = 20 }
  # Needs a quota of 500 concurrent executions: 400 are reserved and AWS keeps 100 unreserved. A new account has 10: request 1000 first.
  reserved_concurrency = {
    authorize       = 100
    generate_media  = 50
    submit_job      = 10
    receive_webhook = 50
    process_webhook = 40
    get_status      = 150
  }
}

# alarm_topic_arn = "arn:aws:sns:us-east-1:<account id>:<topic>"

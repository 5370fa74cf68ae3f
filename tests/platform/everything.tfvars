# Beside environments/local.tfvars: every part switched on, every option that makes a resource taken. The test adds `api`, whose zone it makes.
network         = { redundant = true, endpoints = ["ssm", "secretsmanager", "sqs"] }
database        = { multi_az = true, proxy = true }
cache           = { replicas = 1 }
job_table       = { capacity = { read = { min = 1, max = 10 }, write = { min = 1, max = 10 } } }
media_bucket    = { replica_region = "us-west-2" }
customer_key    = true
alarm_topic_arn = "arn:aws:sns:us-east-1:000000000000:alarms"

functions = {
  snap_start           = true
  tracing              = true
  reserved_concurrency = { submit_job = 5, process_webhook = 20 }
}

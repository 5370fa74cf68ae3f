# The functions' user. It logs in with a token signed by IAM, which requires that id and name are equal:
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
resource "aws_elasticache_user" "functions" {
  user_id   = var.platform.prefix
  user_name = var.platform.prefix
  engine    = "redis" # Valkey accepts users of both engines, so this user survives a change of engine

  # Exactly the keys and commands used by layers/shared/python/mediagen (cache and model_health.py), including their scripts. Add new ones here:
  # tests/integration/stores/test_cache_permissions.py reads this line and runs each command on a real Redis.
  access_string = "on ~job:status:* ~ratelimit:* ~models:* ~webhook:processed:* ~replicate:pace -@all +get +mget +set +exists +incr +decr +expire +eval"

  authentication_mode {
    type = "iam"
  }
}

# Redis requires a user named `default`, which it uses for connections without a user name. This one cannot log in. Valkey does not need it.
resource "aws_elasticache_user" "nobody" {
  count = var.nodes.engine == "redis" ? 1 : 0

  user_id              = "${var.platform.prefix}-nobody"
  user_name            = "default"
  engine               = var.nodes.engine
  access_string        = "off -@all"
  no_password_required = true
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = "${local.name}-${var.nodes.engine}"
  engine        = var.nodes.engine
  user_ids      = concat([aws_elasticache_user.functions.user_id], aws_elasticache_user.nobody[*].user_id)
}

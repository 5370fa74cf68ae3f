# The one user there is. Its password is a token that IAM signs, and for that its id and its name must be the same.
resource "aws_elasticache_user" "functions" {
  user_id   = var.prefix
  user_name = var.prefix
  engine    = "redis" # Valkey takes users of both engines, so that this one outlives a change of engine

  # Exactly the keys and commands of layers/shared/python/mediagen (cache and model_health.py), those inside their scripts too. A new one is added here:
  # tests/integration/stores/test_cache_permissions.py reads this line and tries each with a real Redis.
  access_string = "on ~job:status:* ~ratelimit:* ~models:* ~webhook:processed:* ~replicate:pace -@all +get +mget +set +exists +incr +decr +expire +eval"

  authentication_mode {
    type = "iam"
  }
}

# Redis insists on a user named `default`, whom it would take everybody for. This one may not even log in. Valkey needs none.
resource "aws_elasticache_user" "nobody" {
  count = var.engine == "redis" ? 1 : 0

  user_id              = "${var.prefix}-nobody"
  user_name            = "default"
  engine               = var.engine
  access_string        = "off -@all"
  no_password_required = true
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = "${local.name}-${var.engine}"
  engine        = var.engine
  user_ids      = concat([aws_elasticache_user.functions.user_id], aws_elasticache_user.nobody[*].user_id)
}

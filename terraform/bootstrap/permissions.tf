# Each is a managed policy of at most 6,144 characters, AWS's limit. github.tf attaches them to roles.
locals {
  permissions = {
    plan-state     = local.plan_state
    apply-state    = local.apply_state
    read-platform  = local.read_platform
    read-stores    = local.read_stores
    write-access   = local.write_access
    write-network  = local.write_network
    write-platform = local.write_platform
    write-stores   = local.write_stores
  }

  here    = "${var.region}:${local.account}"
  regions = concat([var.region], var.replica_region[*])

  # For resources without a name in their ARN: the provider tags everything it creates with the prefix.
  tagged_at_creation = { StringEquals = { "aws:RequestTag/Environment" = var.prefix } }
  tagged             = { StringEquals = { "aws:ResourceTag/Environment" = var.prefix } }
  bounded            = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arn } }
  in_region          = { StringEquals = { "aws:RequestedRegion" = var.region } }

  names = {
    # Auto-scaling names its alarms after what it scales.
    alarms  = [for name in [var.prefix, "TargetTracking-table/${var.prefix}"] : "arn:aws:cloudwatch:${local.here}:alarm:${name}-*"]
    buckets = ["arn:aws:s3:::${var.prefix}-media*"] # neither state nor artifacts
    caches = concat(
      [for kind in ["replicationgroup", "cluster", "subnetgroup", "parametergroup", "user", "usergroup", "snapshot"] : "arn:aws:elasticache:${local.here}:${kind}:${var.prefix}-*"],
      ["arn:aws:elasticache:${local.here}:user:${var.prefix}"], # the functions' login
    )
    databases     = [for kind in ["db", "subgrp", "pg", "snapshot"] : "arn:aws:rds:${local.here}:${kind}:${var.prefix}-*"]
    functions     = ["arn:aws:lambda:${local.here}:function:${var.prefix}-*"]
    keys          = [for region in local.regions : "arn:aws:kms:${region}:${local.account}:key/*"] # ids are generated
    key_names     = [for region in local.regions : "arn:aws:kms:${region}:${local.account}:alias/${var.prefix}"]
    layers        = ["arn:aws:lambda:${local.here}:layer:${var.prefix}-*"]
    log_groups    = ["arn:aws:logs:${local.here}:log-group:/aws/*/${var.prefix}-*"]
    parameters    = ["arn:aws:ssm:${local.here}:parameter/${var.prefix}/*"]
    queues        = ["arn:aws:sqs:${local.here}:${var.prefix}-*"]
    roles         = ["arn:aws:iam::${local.account}:role/${var.prefix}-*"] # not role/bootstrap/...
    rules         = ["arn:aws:events:${local.here}:rule/${var.prefix}-*"]
    secrets       = ["arn:aws:secretsmanager:${local.here}:secret:${var.prefix}/*"]
    tables        = ["arn:aws:dynamodb:${local.here}:table/${var.prefix}-*"]
    event_sources = ["arn:aws:lambda:${local.here}:event-source-mapping:*"]
    hosted_zone   = [for id in var.hosted_zone_id[*] : "arn:aws:route53:::hostedzone/${id}"]
  }

  state = "${module.state_bucket.arn}/${var.prefix}/terraform.tfstate"

  open_state = {
    FindState = { actions = ["s3:ListBucket"], resources = [module.state_bucket.arn] }
    LockState = { actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], resources = ["${local.state}.tflock"] }
  }

  plan_state = merge(local.open_state, {
    ReadState = { actions = ["s3:GetObject"], resources = [local.state] }
  })

  apply_state = merge(local.open_state, {
    WriteState = { actions = ["s3:GetObject", "s3:PutObject"], resources = [local.state] }

    FindPackages   = { actions = ["s3:ListBucket"], resources = [module.artifact_bucket.arn] } # without it a missing zip is 403 instead of 404
    UploadPackages = { actions = ["s3:PutObject"], resources = ["${module.artifact_bucket.arn}/functions/*", "${module.artifact_bucket.arn}/layers/*"] }
    DeployPackages = { actions = ["s3:GetObject"], resources = ["${module.artifact_bucket.arn}/functions/*", "${module.artifact_bucket.arn}/layers/*"] } # Lambda reads with the deployer's rights

    RunMigrations = { actions = ["lambda:InvokeFunction"], resources = ["arn:aws:lambda:${local.here}:function:${var.prefix}-apply-migrations:live"] }
  })
}

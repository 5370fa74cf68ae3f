# What `terraform plan` asks AWS when it refreshes. No object of a bucket, no item of a table, no value of a secret.
locals {
  read_platform = merge({
    ReadFunctions = {
      actions = [
        "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration",
        "lambda:GetPolicy", "lambda:ListTags", "lambda:ListVersionsByFunction",
      ]
      resources = local.names.functions
    }
    ReadLayers       = { actions = ["lambda:GetLayerVersion"], resources = [for arn in local.names.layers : "${arn}:*"] }
    ReadEventSources = { actions = ["lambda:GetEventSourceMapping", "lambda:ListTags"], resources = local.names.event_sources }

    ReadApis = {
      # Paths hold generated ids, and the provider asks for parts of an API one by one.
      actions   = ["apigateway:GET"]
      resources = [for path in ["apis", "apis/*", "domainnames", "domainnames/*", "tags/*"] : "arn:aws:apigateway:${var.region}::/${path}"]
    }
    ReadCertificates = {
      actions   = ["acm:DescribeCertificate", "acm:ListTagsForCertificate"]
      resources = ["arn:aws:acm:${local.here}:certificate/*"] # ids are generated
    }

    ReadQueues = { actions = ["sqs:GetQueueAttributes", "sqs:ListQueueTags"], resources = local.names.queues }
    ReadRules  = { actions = ["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"], resources = local.names.rules }
    ReadAlarms = { actions = ["cloudwatch:ListTagsForResource"], resources = local.names.alarms }
    ReadLogs   = { actions = ["logs:ListTagsForResource"], resources = local.names.log_groups }

    ReadRoles = {
      actions   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListInstanceProfilesForRole"]
      resources = local.names.roles
    }

    ReadSecretsButNotTheirValues = { actions = ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"], resources = local.names.secrets }

    ReadParametersButNotTheirValues = { actions = ["ssm:ListTagsForResource"], resources = local.names.parameters }

    # These list and describe: AWS lets none of them be limited to a name.
    ListWhatCannotBeNamed = {
      actions = [
        "acm:ListCertificates", "cloudwatch:DescribeAlarms", "dynamodb:ListTables", "lambda:GetAccountSettings", "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries", "servicequotas:GetServiceQuota", "ssm:DescribeParameters",
      ]
      resources = ["*"]
      condition = local.in_region
    }
    }, length(var.plan_parameters) == 0 ? {} : {
    # The provider reads a parameter with its value, though neither state nor plan keep it.
    ReadUrlsWithoutPassword = { actions = ["ssm:GetParameter"], resources = [for name in var.plan_parameters : "arn:aws:ssm:${local.here}:parameter/${var.prefix}/${name}"] }
    }, var.hosted_zone_id == null ? {} : {
    ReadHostedZone = { actions = ["route53:GetHostedZone", "route53:ListResourceRecordSets"], resources = local.names.hosted_zone }
    FollowChanges  = { actions = ["route53:GetChange"], resources = ["arn:aws:route53:::change/*"] } # ids are generated
  })

  read_stores = {
    # EC2 describes all or nothing.
    ReadNetwork = {
      actions = [
        "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:DescribeAvailabilityZones", "ec2:DescribeFlowLogs", "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls", "ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ]
      resources = ["*"]
      condition = local.in_region
    }

    ReadDatabase = {
      actions   = ["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"]
      resources = local.names.databases
    }
    # The provider looks for an instance by its generated id among all.
    FindDatabase = { actions = ["rds:DescribeDBInstances"], resources = ["arn:aws:rds:${local.here}:db:*"] }
    # A proxy's ARN is a generated id.
    ReadProxy = {
      actions   = ["rds:DescribeDBProxies", "rds:DescribeDBProxyTargetGroups", "rds:DescribeDBProxyTargets", "rds:ListTagsForResource"]
      resources = [for kind in ["db-proxy", "target-group"] : "arn:aws:rds:${local.here}:${kind}:*"]
    }
    ReadCache = {
      actions = [
        "elasticache:DescribeCacheClusters", "elasticache:DescribeCacheParameterGroups", "elasticache:DescribeCacheParameters",
        "elasticache:DescribeCacheSubnetGroups", "elasticache:DescribeReplicationGroups", "elasticache:DescribeUserGroups", "elasticache:DescribeUsers",
        "elasticache:ListTagsForResource",
      ]
      resources = local.names.caches
    }

    ReadTable = {
      actions   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]
      resources = local.names.tables
    }
    # Application Auto Scaling describes all or nothing.
    ReadScaling = {
      actions   = ["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"]
      resources = ["*"]
      condition = local.in_region
    }
    ReadScalingTags = {
      actions   = ["application-autoscaling:ListTagsForResource"]
      resources = ["arn:aws:application-autoscaling:${local.here}:scalable-target/*"] # ids are generated
    }

    ReadBucketButNotItsObjects = {
      actions = [
        "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging",
        "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
        "s3:ListBucket",
      ]
      resources = local.names.buckets
    }

    # AWS's own keys carry no tag of ours.
    ReadKeys    = { actions = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"], resources = local.names.keys }
    ListAliases = { actions = ["kms:ListAliases"], resources = ["*"], condition = { StringEquals = { "aws:RequestedRegion" = local.regions } } } # lists all or nothing
    # Under a customer key, parameters and the functions' environment variables are shown to those only who may decrypt them.
    ReadWhatOwnKeyEncrypts = {
      actions   = ["kms:Decrypt"]
      resources = local.names.keys
      condition = { StringEquals = merge(local.tagged.StringEquals, { "kms:ViaService" = [for service in ["lambda", "ssm"] : "${service}.${var.region}.amazonaws.com"] }) }
    }
  }
}

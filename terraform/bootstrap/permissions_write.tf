# What `terraform apply` changes beside reading. Limited by name; where AWS gives a generated id instead, by the tag `Environment`.
locals {
  write_network = merge({
    CreateNetwork = {
      actions = [
        "ec2:AllocateAddress", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs", "ec2:CreateInternetGateway",
        "ec2:CreateNatGateway", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateVpc", "ec2:CreateVpcEndpoint",
      ]
      resources = ["arn:aws:ec2:${local.here}:*/*"]
      condition = local.tagged_at_creation
    }
    TagNetworkAtCreation = {
      actions   = ["ec2:CreateTags"]
      resources = ["arn:aws:ec2:${local.here}:*/*"]
      condition = {
        StringEquals = {
          "aws:RequestTag/Environment" = var.prefix
          "ec2:CreateAction" = [
            "AllocateAddress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateFlowLogs", "CreateInternetGateway",
            "CreateNatGateway", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet", "CreateVpc", "CreateVpcEndpoint",
          ]
        }
      }
    }
    # A VPC comes with a group and a table of its own, untagged: Terraform closes them after it has tagged them.
    AdoptDefaultsOfTheVpc = {
      actions   = ["ec2:CreateTags"]
      resources = [for kind in ["route-table", "security-group"] : "arn:aws:ec2:${local.here}:${kind}/*"]
      condition = merge(local.tagged_at_creation, { Null = { "aws:ResourceTag/Environment" = "true" } })
    }
    ChangeOwnNetwork = {
      actions = [
        "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs",
        "ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateTags",
        "ec2:CreateVpcEndpoint", "ec2:DeleteFlowLogs", "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable",
        "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway",
        "ec2:DisassociateAddress", "ec2:DisassociateRouteTable", "ec2:ModifySecurityGroupRules", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute",
        "ec2:ModifyVpcEndpoint", "ec2:ReleaseAddress", "ec2:ReplaceRoute", "ec2:ReplaceRouteTableAssociation", "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress", "ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
      ]
      resources = ["arn:aws:ec2:${local.here}:*/*"]
      condition = local.tagged
    }
    # EC2 makes the zone of an interface endpoint's private names with the deployer's rights; its id is generated.
    NamePrivateEndpoints = { actions = ["route53:AssociateVPCWithHostedZone"], resources = ["arn:aws:route53:::hostedzone/*"] }

    # Lambda leaves its untagged interfaces for some minutes, and a group in use cannot be deleted. An attached one is refused by EC2.
    RemoveInterfacesLambdaLeft = { actions = ["ec2:DeleteNetworkInterface"], resources = ["arn:aws:ec2:${local.here}:network-interface/*"] }
    }, [for id in var.existing_vpc_id[*] : {
      # A network that was brought along carries no tag of ours. What is put into it does.
      UseBroughtNetwork = { actions = ["ec2:CreateSecurityGroup", "ec2:CreateVpcEndpoint"], resources = ["arn:aws:ec2:${local.here}:vpc/${id}"] }
      UseItsSubnets = {
        actions   = ["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"]
        resources = ["arn:aws:ec2:${local.here}:subnet/*"]
        condition = { ArnEquals = { "ec2:Vpc" = "arn:aws:ec2:${local.here}:vpc/${id}" } }
      }
  }]...)

  write_platform = merge({
    ChangeFunctions = {
      actions = [
        "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency", "lambda:PublishVersion", "lambda:PutFunctionConcurrency", "lambda:RemovePermission", "lambda:TagResource",
        "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
      ]
      resources = local.names.functions
    }
    ChangeLayers = {
      actions   = ["lambda:DeleteLayerVersion", "lambda:PublishLayerVersion"]
      resources = concat(local.names.layers, [for arn in local.names.layers : "${arn}:*"])
    }
    # A mapping's ARN is a generated id, so it is known by its function.
    ChangeEventSources = {
      actions   = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
      resources = ["*"]
      condition = { ArnLike = { "lambda:FunctionArn" = local.names.functions[0] } }
    }
    TagEventSources = { actions = ["lambda:TagResource", "lambda:UntagResource"], resources = local.names.event_sources }

    ChangeApis = {
      actions   = ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]
      resources = [for path in ["apis", "apis/*", "domainnames", "domainnames/*", "tags/*"] : "arn:aws:apigateway:${var.region}::/${path}"] # generated ids
    }
    RequestCertificates = { actions = ["acm:AddTagsToCertificate", "acm:RequestCertificate"], resources = ["*"], condition = local.tagged_at_creation } # no id yet
    ChangeCertificates = {
      actions   = ["acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "acm:UpdateCertificateOptions"]
      resources = ["arn:aws:acm:${local.here}:certificate/*"]
      condition = local.tagged
    }

    ChangeQueues = { actions = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"], resources = local.names.queues }
    ChangeRules = {
      actions = [
        "events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource",
        "events:UntagResource",
      ]
      resources = local.names.rules
    }
    ChangeAlarms = {
      actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
      resources = local.names.alarms
    }
    ChangeLogGroups = {
      actions = [
        "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey", "logs:PutRetentionPolicy",
        "logs:TagResource", "logs:UntagResource",
      ]
      resources = local.names.log_groups
    }
    # API Gateway and ElastiCache set up their logs with the deployer's rights; deliveries have no names.
    DeliverLogs = {
      actions   = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"]
      resources = ["*"]
      condition = local.in_region
    }
    }, var.hosted_zone_id == null ? {} : {
    ChangeRecords = { actions = ["route53:ChangeResourceRecordSets"], resources = local.names.hosted_zone }
  })

  write_access = {
    # Whatever gives a role its rights is allowed for roles with the permissions boundary only. So no role can do more than the boundary, whoever writes its policies.
    ChangeBoundedRoles = {
      actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"]
      resources = local.names.roles
      condition = local.bounded
    }
    DescribeAndDeleteRoles = {
      actions   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription"]
      resources = local.names.roles
    }
    # Denied as well as not allowed: a policy that somebody attaches to apply later cannot undo it.
    DenyLooserBoundaries = {
      effect    = "Deny"
      actions   = ["iam:DeleteRolePermissionsBoundary"]
      resources = ["*"]
    }
    DenyOtherBoundaries = {
      effect    = "Deny"
      actions   = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"]
      resources = ["*"]
      condition = { StringNotEquals = local.bounded.StringEquals }
    }
    DenyChangesOfBootstrap = {
      effect = "Deny"
      actions = [
        "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRole", "iam:PutRolePolicy",
        "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
      ]
      resources = [for kind in ["policy", "role"] : "arn:aws:iam::${local.account}:${kind}/bootstrap/*"]
    }
    HandRolesToServices = {
      actions   = ["iam:PassRole"]
      resources = local.names.roles
      condition = { StringEquals = { "iam:PassedToService" = [for service in ["lambda", "monitoring.rds", "rds", "s3", "vpc-flow-logs"] : "${service}.amazonaws.com"] } }
    }
    AttachAwsPolicyForDatabaseMetrics = {
      actions   = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
      resources = local.names.roles
      condition = merge(local.bounded, { ArnEquals = { "iam:PolicyARN" = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole" } })
    }
    # `make bootstrap` creates these roles. AWS asks for this right only if somebody deleted one since.
    CreateRolesOfServices = {
      actions   = ["iam:CreateServiceLinkedRole"]
      resources = ["arn:aws:iam::${local.account}:role/aws-service-role/*"]
      condition = { StringEquals = { "iam:AWSServiceName" = [for service in ["dynamodb.application-autoscaling", "elasticache", "ops.apigateway", "rds"] : "${service}.amazonaws.com"] } }
    }

    ChangeSecretsButNotTheirValues = {
      actions = [
        "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:TagResource", "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecret",
      ]
      resources = local.names.secrets
    }
    ChangeParameters = {
      actions   = ["ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"]
      resources = local.names.parameters
    }

    # At creation a key has no id.
    CreateKeys = { actions = ["kms:CreateKey", "kms:TagResource"], resources = ["*"], condition = local.tagged_at_creation }
    # Services that encrypt with a key of ours ask with the deployer's rights: DynamoDB for all of these, RDS and ElastiCache for a grant, Parameter Store for Encrypt.
    # Whom grants may go to, the key's policy says.
    ChangeAndUseOwnKeys = {
      actions = [
        "kms:CreateAlias", "kms:CreateGrant", "kms:Decrypt", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext", "kms:PutKeyPolicy", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ScheduleKeyDeletion", "kms:UntagResource",
        "kms:UpdateAlias", "kms:UpdateKeyDescription",
      ]
      resources = local.names.keys
      condition = local.tagged
    }
    NameOwnKeys = { actions = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"], resources = local.names.key_names }
  }

  write_stores = merge({
    ChangeDatabase = {
      actions = [
        "rds:AddTagsToResource", "rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSnapshot", "rds:CreateDBSubnetGroup", "rds:DeleteDBInstance",
        "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup", "rds:ModifyDBInstance", "rds:ModifyDBParameterGroup", "rds:ModifyDBSubnetGroup",
        "rds:RemoveTagsFromResource", "rds:ResetDBParameterGroup",
      ]
      resources = concat(local.names.databases, ["arn:aws:rds:${local.here}:og:default:*"]) # every instance is in an option group
    }
    # RDS lets its creation be limited to no name.
    CreateProxy = { actions = ["rds:CreateDBProxy"], resources = ["*"], condition = local.tagged_at_creation }
    TagProxy    = { actions = ["rds:AddTagsToResource"], resources = ["arn:aws:rds:${local.here}:db-proxy:*"], condition = local.tagged_at_creation }
    ChangeProxy = {
      actions   = ["rds:DeleteDBProxy", "rds:ModifyDBProxy", "rds:RemoveTagsFromResource"]
      resources = ["arn:aws:rds:${local.here}:db-proxy:*"]
      condition = local.tagged
    }
    # A target group's ARN is a generated id and carries no tag; the instance behind it does carry the name.
    ConnectProxy = {
      actions   = ["rds:DeregisterDBProxyTargets", "rds:ModifyDBProxyTargetGroup", "rds:RegisterDBProxyTargets"]
      resources = concat(["arn:aws:rds:${local.here}:db:${var.prefix}-*"], [for kind in ["db-proxy", "target-group"] : "arn:aws:rds:${local.here}:${kind}:*"])
    }
    # RDS makes and rotates the master's password itself; nobody reads it here.
    LetDatabaseKeepItsPassword = {
      actions   = ["secretsmanager:CreateSecret", "secretsmanager:TagResource"]
      resources = ["arn:aws:secretsmanager:${local.here}:secret:rds!db-*"]
    }

    ChangeCache = {
      actions = [
        "elasticache:AddTagsToResource", "elasticache:CreateCacheParameterGroup", "elasticache:CreateCacheSubnetGroup", "elasticache:CreateReplicationGroup",
        "elasticache:CreateUser", "elasticache:CreateUserGroup", "elasticache:DecreaseReplicaCount", "elasticache:DeleteCacheParameterGroup",
        "elasticache:DeleteCacheSubnetGroup", "elasticache:DeleteReplicationGroup", "elasticache:DeleteUser", "elasticache:DeleteUserGroup",
        "elasticache:IncreaseReplicaCount", "elasticache:ModifyCacheParameterGroup", "elasticache:ModifyCacheSubnetGroup",
        "elasticache:ModifyReplicationGroup", "elasticache:ModifyUser", "elasticache:ModifyUserGroup", "elasticache:RemoveTagsFromResource",
        "elasticache:ResetCacheParameterGroup",
      ]
      resources = local.names.caches
    }

    ChangeTable = {
      actions = [
        "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
      ]
      resources = local.names.tables
    }
    # A scalable target's ARN is a generated id.
    ScaleTable = {
      actions = [
        "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:RegisterScalableTarget",
      ]
      resources = ["arn:aws:application-autoscaling:${local.here}:scalable-target/*"]
      condition = { StringEquals = { "application-autoscaling:service-namespace" = "dynamodb" } }
    }
    TagScaling = {
      actions   = ["application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
      resources = ["arn:aws:application-autoscaling:${local.here}:scalable-target/*"]
    }

    ChangeBucket = {
      actions = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketCORS", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
      ]
      resources = local.names.buckets
    }
    }, var.prefix != "vsl-dev" ? {} : {
    EmptyDisposableBucket = {
      actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"]
      resources = concat(local.names.buckets, [for arn in local.names.buckets : "${arn}/*"])
    }
  })
}

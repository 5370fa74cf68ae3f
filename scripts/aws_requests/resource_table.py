"""Operations and the CloudFormation resources that they create or change.

An operation with a text instead of a resource is not translated, for the reason that the text gives.
"""

from aws_requests import reshape
from aws_requests.reshape import bucket, pairs
from aws_requests.resources import Mapped


def _ec2(kind: str, without: frozenset[str] = frozenset(), **rename: str) -> Mapped:
    return Mapped(f"AWS::EC2::{kind}", rename, without, reshape=reshape.tag_specifications)


def _bucket(member: str) -> Mapped:
    return Mapped("AWS::S3::Bucket", change=True, reshape=bucket(member))


TOKEN = frozenset({"ClientToken"})


DATA = (
    "dynamodb.PutItem",
    "dynamodb.UpdateItem",
    "logs.CreateLogStream",
    "logs.PutLogEvents",
    "s3.CreateMultipartUpload",
    "s3.PutObject",
    "s3.PutObjectTagging",
    "secretsmanager.PutSecretValue",
    "sqs.ChangeMessageVisibility",
    "sqs.ChangeMessageVisibilityBatch",
)

TABLE: dict[str, Mapped | str] = {
    **dict.fromkeys(DATA, "is what a resource holds"),
    # functions
    "lambda.CreateFunction": Mapped("AWS::Lambda::Function", without=frozenset({"Publish"})),
    "lambda.UpdateFunctionConfiguration": Mapped(
        "AWS::Lambda::Function", change=True, without=frozenset({"RevisionId"})
    ),
    "lambda.UpdateFunctionCode": "names the zip only",
    "lambda.PutFunctionConcurrency": Mapped("AWS::Lambda::Function", change=True),
    "lambda.CreateAlias": Mapped("AWS::Lambda::Alias"),
    "lambda.UpdateAlias": Mapped("AWS::Lambda::Alias", change=True),
    "lambda.PublishLayerVersion": Mapped("AWS::Lambda::LayerVersion"),
    "lambda.PublishVersion": "has no properties",
    "lambda.CreateEventSourceMapping": Mapped("AWS::Lambda::EventSourceMapping"),
    "lambda.UpdateEventSourceMapping": Mapped(
        "AWS::Lambda::EventSourceMapping", change=True, without=frozenset({"UUID"})
    ),
    "lambda.PutFunctionEventInvokeConfig": Mapped("AWS::Lambda::EventInvokeConfig"),
    "iam.CreateRole": Mapped("AWS::IAM::Role"),
    "iam.PutRolePolicy": Mapped("AWS::IAM::RolePolicy"),
    "iam.CreatePolicy": Mapped("AWS::IAM::ManagedPolicy", {"PolicyName": "ManagedPolicyName"}, frozenset({"Tags"})),
    "iam.CreatePolicyVersion": Mapped(
        "AWS::IAM::ManagedPolicy", change=True, without=frozenset({"PolicyArn", "SetAsDefault"})
    ),
    "iam.CreateOpenIDConnectProvider": Mapped("AWS::IAM::OIDCProvider"),
    "iam.UpdateAssumeRolePolicy": Mapped("AWS::IAM::Role", {"PolicyDocument": "AssumeRolePolicyDocument"}, change=True),
    "iam.CreateServiceLinkedRole": Mapped("AWS::IAM::ServiceLinkedRole"),
    # queues, events, logs, alarms
    "sqs.CreateQueue": Mapped("AWS::SQS::Queue", reshape=reshape.attributes, without=frozenset({"Policy"})),
    "sqs.SetQueueAttributes": Mapped(
        "AWS::SQS::Queue", reshape=reshape.attributes, change=True, without=frozenset({"QueueUrl", "Policy"})
    ),
    "events.PutRule": Mapped("AWS::Events::Rule"),
    "events.PutTargets": Mapped("AWS::Events::Rule", {"Rule": "Name"}, change=True),
    "logs.CreateLogGroup": Mapped("AWS::Logs::LogGroup"),
    "logs.PutRetentionPolicy": Mapped("AWS::Logs::LogGroup", change=True),
    "cloudwatch.PutMetricAlarm": Mapped("AWS::CloudWatch::Alarm"),
    "sns.CreateTopic": Mapped("AWS::SNS::Topic", {"Name": "TopicName"}, reshape=reshape.attributes),
    # HTTP API
    "apigatewayv2.CreateApi": Mapped("AWS::ApiGatewayV2::Api"),
    "apigatewayv2.UpdateApi": Mapped("AWS::ApiGatewayV2::Api", change=True, without=frozenset({"ApiId"})),
    "apigatewayv2.CreateAuthorizer": Mapped("AWS::ApiGatewayV2::Authorizer"),
    "apigatewayv2.CreateIntegration": Mapped("AWS::ApiGatewayV2::Integration"),
    "apigatewayv2.CreateRoute": Mapped("AWS::ApiGatewayV2::Route"),
    "apigatewayv2.UpdateRoute": Mapped("AWS::ApiGatewayV2::Route", change=True, without=frozenset({"RouteId"})),
    "apigatewayv2.CreateStage": Mapped("AWS::ApiGatewayV2::Stage"),
    "apigatewayv2.UpdateStage": Mapped("AWS::ApiGatewayV2::Stage", change=True),
    "apigatewayv2.CreateDomainName": Mapped("AWS::ApiGatewayV2::DomainName"),
    "apigatewayv2.CreateApiMapping": Mapped("AWS::ApiGatewayV2::ApiMapping"),
    "acm.RequestCertificate": Mapped("AWS::CertificateManager::Certificate", without=frozenset({"IdempotencyToken"})),
    "route53.ChangeResourceRecordSets": Mapped("AWS::Route53::RecordSet", reshape=reshape.record),
    "route53.CreateHostedZone": Mapped("AWS::Route53::HostedZone", reshape=reshape.zone),
    # stores
    "dynamodb.CreateTable": Mapped("AWS::DynamoDB::Table", reshape=reshape.table),
    "dynamodb.UpdateTimeToLive": Mapped("AWS::DynamoDB::Table", change=True),
    "dynamodb.UpdateContinuousBackups": Mapped("AWS::DynamoDB::Table", change=True),
    "s3.CreateBucket": Mapped(
        "AWS::S3::Bucket", {"Bucket": "BucketName"}, frozenset({"CreateBucketConfiguration", "ACL", "ObjectOwnership"})
    ),
    "s3.PutBucketCors": Mapped("AWS::S3::Bucket", change=True, reshape=reshape.cors),
    "s3.PutBucketEncryption": Mapped("AWS::S3::Bucket", change=True, reshape=reshape.encryption),
    "s3.PutBucketLifecycleConfiguration": Mapped("AWS::S3::Bucket", change=True, reshape=reshape.lifecycle),
    "s3.PutBucketOwnershipControls": _bucket("OwnershipControls"),
    "s3.PutBucketReplication": Mapped("AWS::S3::Bucket", {"Bucket": "BucketName"}, change=True),
    "s3.PutBucketPolicy": Mapped("AWS::S3::BucketPolicy", {"Policy": "PolicyDocument"}),
    "s3.PutBucketVersioning": _bucket("VersioningConfiguration"),
    "s3.PutPublicAccessBlock": _bucket("PublicAccessBlockConfiguration"),
    "s3.PutBucketTagging": _bucket("Tagging"),
    "secretsmanager.CreateSecret": Mapped(
        "AWS::SecretsManager::Secret",
        without=frozenset({"ClientRequestToken", "SecretString", "ForceOverwriteReplicaSecret"}),
    ),
    "ssm.PutParameter": Mapped(
        "AWS::SSM::Parameter", reshape=reshape.parameter, without=frozenset({"KeyId", "Overwrite", "Tags"})
    ),
    "kms.CreateKey": Mapped(
        "AWS::KMS::Key", {"Policy": "KeyPolicy"}, frozenset({"CustomerMasterKeySpec"}), reshape=reshape.key
    ),
    "kms.CreateAlias": Mapped("AWS::KMS::Alias"),
    "rds.CreateDBInstance": Mapped(
        "AWS::RDS::DBInstance", {"VpcSecurityGroupIds": "VPCSecurityGroups"}, reshape=reshape.instance
    ),
    "rds.CreateDBParameterGroup": Mapped("AWS::RDS::DBParameterGroup", {"DBParameterGroupFamily": "Family"}),
    "rds.CreateDBSubnetGroup": Mapped("AWS::RDS::DBSubnetGroup"),
    "rds.ModifyDBParameterGroup": Mapped(
        "AWS::RDS::DBParameterGroup", change=True, reshape=pairs("Parameters", "Parameters")
    ),
    "rds.CreateDBProxy": Mapped("AWS::RDS::DBProxy"),
    "rds.ModifyDBProxyTargetGroup": Mapped(
        "AWS::RDS::DBProxyTargetGroup", {"ConnectionPoolConfig": "ConnectionPoolConfigurationInfo"}, change=True
    ),
    "rds.RegisterDBProxyTargets": Mapped("AWS::RDS::DBProxyTargetGroup"),
    "elasticache.CreateReplicationGroup": Mapped("AWS::ElastiCache::ReplicationGroup"),
    "elasticache.CreateCacheSubnetGroup": Mapped(
        "AWS::ElastiCache::SubnetGroup", {"CacheSubnetGroupDescription": "Description"}
    ),
    "elasticache.CreateCacheParameterGroup": Mapped(
        "AWS::ElastiCache::ParameterGroup", {}, frozenset({"CacheParameterGroupName"})
    ),
    "elasticache.ModifyCacheParameterGroup": Mapped(
        "AWS::ElastiCache::ParameterGroup", change=True, reshape=pairs("ParameterNameValues", "Properties")
    ),
    "elasticache.CreateUser": Mapped("AWS::ElastiCache::User"),
    "elasticache.CreateUserGroup": Mapped("AWS::ElastiCache::UserGroup"),
    "application-autoscaling.RegisterScalableTarget": Mapped("AWS::ApplicationAutoScaling::ScalableTarget"),
    "application-autoscaling.PutScalingPolicy": Mapped("AWS::ApplicationAutoScaling::ScalingPolicy"),
    # network
    "ec2.CreateVpc": _ec2("VPC", frozenset({"AmazonProvidedIpv6CidrBlock"})),
    "ec2.ModifyVpcAttribute": "has a switch only",
    "ec2.CreateTags": "has tags only",
    "ec2.CreateSubnet": _ec2("Subnet"),
    "ec2.CreateRouteTable": _ec2("RouteTable", TOKEN),
    "ec2.CreateRoute": _ec2("Route"),
    "ec2.CreateInternetGateway": _ec2("InternetGateway"),
    "ec2.CreateNatGateway": _ec2("NatGateway", TOKEN),
    "ec2.AllocateAddress": _ec2("EIP"),
    "ec2.CreateVpcEndpoint": _ec2("VPCEndpoint", TOKEN),
    "ec2.CreateSecurityGroup": _ec2("SecurityGroup", Description="GroupDescription"),
    "ec2.AuthorizeSecurityGroupIngress": Mapped("AWS::EC2::SecurityGroupIngress", reshape=reshape.rule("Source")),
    "ec2.AuthorizeSecurityGroupEgress": Mapped("AWS::EC2::SecurityGroupEgress", reshape=reshape.rule("Destination")),
    "ec2.CreateFlowLogs": Mapped("AWS::EC2::FlowLog", without=TOKEN, reshape=reshape.flow_log),
}

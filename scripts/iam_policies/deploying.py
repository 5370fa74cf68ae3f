"""IAM actions that Terraform's requests need, and rights of the apply role that no test uses, with the reason."""

from collections.abc import Iterable

from aws_requests.request import Request
from iam_policies.evaluator import like

# Operations that need no permission, or that only tests and the local cloud send, as the account's root user.
NOT_BY_TERRAFORM = {
    "iam.CreatePolicy",
    "iam.ListRoles",
    "lambda.ListFunctions",
    "events.ListRules",
    "route53.CreateHostedZone",
    "s3.CompleteMultipartUpload",
    "s3.CreateMultipartUpload",
    "s3.ListBuckets",
    "s3.UploadPart",
    "secretsmanager.ListSecrets",
    "secretsmanager.PutSecretValue",
    "sqs.ListQueues",
    "sts.GetCallerIdentity",
}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
S3 = {
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
VERBS = {"Get": "GET", "Create": "POST", "Update": "PATCH", "Delete": "DELETE", "Put": "PUT"}


def needed(requests: Iterable[Request]) -> set[str]:
    """Return the actions that Terraform's requests need."""
    return {_action(each) for each in requests if each.caller == "root" and each.name not in NOT_BY_TERRAFORM}


def missing(needed_actions: set[str], granted: set[str]) -> list[str]:
    """List what Terraform needs and the apply role lacks; names of actions have no case."""
    known = {action.lower() for action in granted}
    return sorted(action for action in needed_actions if action.lower() not in known)


def unexplained(needed_actions: set[str], granted: set[str]) -> list[str]:
    """List the rights that are neither used nor in UNSEEN, and the entries of UNSEEN that no unused right needs."""
    known = {action.lower() for action in needed_actions}
    unused = [action for action in granted if action.lower() not in known]
    patterns = [pattern for each in UNSEEN.values() for pattern in each]
    rights = [action for action in unused if not any(like(pattern, action) for pattern in patterns)]
    stale = [f"stale: {pattern}" for pattern in patterns if not any(like(pattern, action) for action in unused)]
    return sorted(rights + stale)


def _action(request: Request) -> str:
    service, operation = request.service, request.operation
    if service == "apigatewayv2":
        [verb] = (verb for start, verb in VERBS.items() if operation.startswith(start))
        return f"apigateway:{verb}"
    return f"{service}:{S3.get(operation, operation) if service == 's3' else operation}"


# Rights of the apply role that no request of the tests needs, by reason; `*` as in a policy.
UNSEEN = {
    "needed when something changes after the first apply": (
        "acm:RemoveTagsFromCertificate",
        "acm:UpdateCertificateOptions",
        "apigateway:P*",
        "dynamodb:UpdateTable",
        "ec2:DeleteTags",
        "ec2:DisassociateAddress",
        "ec2:Modify*",
        "ec2:Replace*",
        "ec2:Update*",
        "elasticache:DecreaseReplicaCount",
        "elasticache:IncreaseReplicaCount",
        "elasticache:Modify*",
        "elasticache:Re*",
        "iam:PutRolePermissionsBoundary",
        "iam:Update*",
        "kms:PutKeyPolicy",
        "kms:Update*",
        "lambda:DeleteFunctionConcurrency",
        "lambda:GetFunctionCon*",
        "lambda:PublishVersion",
        "lambda:Update*",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "rds:Modify*",
        "rds:Re*",
        "s3:DeleteBucketPolicy",
        "secretsmanager:UpdateSecret",
        "sqs:SetQueueAttributes",
        "*:Untag*",
        "ssm:RemoveTagsFromResource",
    ),
    "checked by AWS together with the request that creates something": (
        "acm:AddTagsToCertificate",
        "elasticache:AddTagsToResource",
        "iam:PassRole",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
        "logs:AssociateKmsKey",
        "logs:*LogDeliver*",
        "logs:*ResourcePolic*",
        "rds:AddTagsToResource",
        "rds:CreateDBSnapshot",  # the last one of a database that is deleted
        "route53:AssociateVPCWithHostedZone",
        "sqs:TagQueue",
        "ssm:AddTagsToResource",
        "*:TagResource",
        "iam:TagRole",
    ),
    "sent to AWS, but not to this test's emulator": (
        "application-autoscaling:*",  # a server of its own
        "ec2:DeleteNetworkInterface",  # Lambda leaves none there
        "iam:CreateServiceLinkedRole",
        "lambda:InvokeFunction",  # make migrate
        "s3:PutBucketPolicy",  # refuses plain HTTP, which the emulator speaks
        "lambda:GetAccountSettings",  # make plan
        "servicequotas:GetServiceQuota",  # make plan
    ),
}

locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = try(aws_iam_openid_connect_provider.github[0].arn, "arn:aws:iam::${local.account}:oidc-provider/${local.issuer}")

  # Repositories created, renamed or transferred since 2026-07-15 send their ids with their names. Only the repository's own form is trusted, because another
  # owner can take over a name without ids. https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
  repository = [for r in var.github_repository[*] :
    r.immutable_subject ? "repo:${r.owner}@${r.owner_id}/${r.name}@${r.id}" : "repo:${r.owner}/${r.name}"
  ]

  roles = { for name, role in local.roles_of_workflows : name => role if var.github_repository != null }

  roles_of_workflows = {
    plan = {
      description = "Pull requests to ${var.prefix}: reads what Terraform refreshes, changes nothing"
      subjects    = var.plan_subjects
      policies    = ["plan-state", "read-platform", "read-stores"]
    }
    apply = {
      description = "Deployments of ${var.prefix}: changes what carries its name"
      subjects    = ["environment:${coalesce(var.github_environment, trimprefix(var.prefix, "vsl-"))}"]
      policies    = ["apply-state", "read-platform", "read-stores", "write-access", "write-network", "write-platform", "write-stores"]
    }
  }

  attachments = merge([for role, r in local.roles : { for policy in r.policies : "${role}/${policy}" => { role = role, policy = policy } }]...)
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.github_repository != null && var.create_oidc_provider ? 1 : 0
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each    = local.roles
  name        = "${var.prefix}-${each.key}"
  description = each.value.description

  # A separate path: apply may change role/<prefix>-*, which does not match role/bootstrap/<prefix>-apply.
  path = "/bootstrap/"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WorkflowsOfThisRepository"
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider_arn }
      Condition = {
        StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com" }
        # Only plan_subjects may contain a wildcard; the other variables reject it.
        StringLike = { "${local.issuer}:sub" = [for pair in setproduct(local.repository, each.value.subjects) : join(":", pair)] }
      }
    }]
  })
}

resource "aws_iam_policy" "this" {
  for_each    = { for name, permissions in local.permissions : name => permissions if var.github_repository != null }
  name        = "${var.prefix}-${each.key}"
  description = "For workflows of ${var.prefix}: ${each.key}"
  path        = "/bootstrap/"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, statement in each.value : merge({
      Sid      = sid
      Effect   = try(statement.effect, "Allow")
      Action   = statement.actions
      Resource = statement.resources
    }, try({ Condition = statement.condition }, {}))]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = local.attachments
  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}

# Provisioned capacity, moved between `min` and `max` by Application Auto Scaling.
#
# Terraform must keep the capacity that auto-scaling has set. `ignore_changes` cannot do that: an index's capacity is in a set, so whole indexes would have to be
# ignored. Changes of an index would then go unnoticed, and a table could not change from on demand to provisioned, because DynamoDB requires a capacity for each
# index in the same call ("ProvisionedThroughput must be specified for index"). So the plan reads the existing table's capacity and plans the same value.
# The price: two more calls per plan, and a change that auto-scaling makes during a plan is reverted once.

data "aws_dynamodb_tables" "existing" {
  count = var.capacity == null ? 0 : 1
}

data "aws_dynamodb_table" "now" {
  count = contains(flatten(data.aws_dynamodb_tables.existing[*].names), local.name) ? 1 : 0
  name  = local.name
}

locals {
  now = { for name, has in merge(
    { for table in data.aws_dynamodb_table.now : "table" => table },
    { for index in flatten([for table in data.aws_dynamodb_table.now : tolist(table.global_secondary_index)]) : index.name => index },
  ) : name => { read = has.read_capacity, write = has.write_capacity } }

  # A table on demand reports 0 units; provisioned capacity then starts at `min`.
  planned = var.capacity == null ? {} : { for name in ["table", "GSI1", "GSI2"] : name => {
    for kind, limits in var.capacity : kind => min(limits.max, max(limits.min, try(local.now[name][kind], 0)))
  } }

  scaled = merge([for name, units in local.planned : {
    for kind in keys(units) : "${name}-${kind}" => {
      resource_id = name == "table" ? "table/${aws_dynamodb_table.this.name}" : "table/${aws_dynamodb_table.this.name}/index/${name}"
      dimension   = "dynamodb:${name == "table" ? "table" : "index"}:${title(kind)}CapacityUnits"
      metric      = "DynamoDB${title(kind)}CapacityUtilization"
      limits      = var.capacity[kind]
    }
  }]...)
}

resource "aws_appautoscaling_target" "this" {
  for_each           = local.scaled
  service_namespace  = "dynamodb"
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.dimension
  min_capacity       = each.value.limits.min
  max_capacity       = each.value.limits.max
}

resource "aws_appautoscaling_policy" "this" {
  for_each           = local.scaled
  name               = "${local.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 70 # percent: leaves room for the two minutes until auto-scaling reacts to a burst

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
    }
  }
}

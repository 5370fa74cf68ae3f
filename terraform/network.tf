# The private network of functions and stores: ours, one that is brought along, or none (vsl-local).

locals {
  makes_network = var.network == null ? false : var.network.existing == null

  # A subnet for data in each of two zones is what RDS and ElastiCache ask for.
  has_data_subnets = var.network == null ? false : local.makes_network || length(try(var.network.existing.data_subnet_ids, [])) >= 2

  vpc_id              = local.makes_network ? one(module.network[*].vpc_id) : try(var.network.existing.vpc_id, null)
  function_subnet_ids = local.makes_network ? one(module.network[*].function_subnet_ids) : try(var.network.existing.function_subnet_ids, [])
  data_subnet_ids     = local.makes_network ? one(module.network[*].data_subnet_ids) : try(var.network.existing.data_subnet_ids, [])

  # Where functions run: those that call Replicate may leave the network, the others may not. Null: outside any network.
  private  = one(module.function_network[*].private)
  outbound = one(module.function_network[*].outbound)
}

module "network" {
  source                   = "./modules/network"
  region                   = var.region
  count                    = local.makes_network ? 1 : 0
  prefix                   = var.prefix
  cidr                     = var.network.cidr
  zones                    = var.network.zones
  redundant                = var.network.redundant
  log_retention_days       = var.logs.retention_days
  key_arn                  = local.key_arn
  permissions_boundary_arn = local.boundary_arn
}

module "function_network" {
  source              = "./modules/function_network"
  count               = var.network == null ? 0 : 1
  prefix              = var.prefix
  region              = var.region
  vpc_id              = local.vpc_id
  subnet_ids          = local.function_subnet_ids
  peers               = var.network.peers
  endpoints           = var.network.endpoints
  endpoint_subnet_ids = var.network.redundant ? local.function_subnet_ids : slice(local.function_subnet_ids, 0, 1)
}

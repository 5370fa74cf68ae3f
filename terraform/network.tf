# The private network of functions and stores: created here, an existing VPC, or none (vsl-local).

locals {
  creates_network = var.network == null ? false : var.network.existing == null

  # RDS and ElastiCache need data subnets in two zones.
  has_data_subnets = var.network == null ? false : local.creates_network || length(try(var.network.existing.data_subnet_ids, [])) >= 2

  vpc_id              = local.creates_network ? one(module.network[*].vpc_id) : try(var.network.existing.vpc_id, null)
  function_subnet_ids = local.creates_network ? one(module.network[*].function_subnet_ids) : try(var.network.existing.function_subnet_ids, [])
  data_subnet_ids     = local.creates_network ? one(module.network[*].data_subnet_ids) : try(var.network.existing.data_subnet_ids, [])

  # The network of the database and cache that Terraform creates, and the security group that may reach them.
  data_network = {
    vpc_id                   = local.vpc_id
    subnet_ids               = local.data_subnet_ids
    client_security_group_id = one(module.function_network[*].security_group_id)
  }

  # Networks of functions: `outbound` functions may call the internet, `private` ones may not. Null: outside a VPC.
  private  = one(module.function_network[*].private)
  outbound = one(module.function_network[*].outbound)
}

module "network" {
  source    = "./modules/network"
  count     = local.creates_network ? 1 : 0
  platform  = local.platform
  cidr      = var.network.cidr
  zones     = var.network.zones
  redundant = var.network.redundant
}

module "function_network" {
  source              = "./modules/function_network"
  count               = var.network == null ? 0 : 1
  platform            = local.platform
  vpc_id              = local.vpc_id
  subnet_ids          = local.function_subnet_ids
  peers               = var.network.peers
  endpoints           = var.network.endpoints
  endpoint_subnet_ids = var.network.redundant ? local.function_subnet_ids : slice(local.function_subnet_ids, 0, 1)
}

module "check_replicate_status_schedule" {
  source        = "./modules/schedule"
  prefix        = var.prefix
  name          = "check-replicate-status"
  every_minutes = 5
  function      = module.check_replicate_status.live
}

module "check_replicate_status_schedule" {
  source        = "./modules/schedule"
  platform      = local.platform
  name          = "check-replicate-status"
  every_minutes = 5
  function      = module.check_replicate_status.live
}

# What holds for each environment: run once for every environments/<name>.tfvars but vsl-local, which the end-to-end tests apply.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

variables {
  packages = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
}

run "is_complete_and_fits_its_account_and_production_is_redundant" {
  command = plan

  assert {
    condition     = alltrue([for part in [var.network, var.database, var.cache] : part != null])
    error_message = "The environment lacks a network, a database or a cache."
  }

  assert {
    condition     = alltrue([for folder, name in output.function_names : name == "${var.prefix}-${replace(folder, "_", "-")}"])
    error_message = "A function does not carry the prefix."
  }

  assert {
    condition     = var.disposable == (var.prefix == "vsl-dev")
    error_message = "Only dev may be destroyed."
  }

  assert {
    condition     = var.logs.retention_days == 30
    error_message = "Logs are kept for 30 days."
  }

  # --- concurrency: AWS allows 10 executions in a new account, where nothing can be reserved, and 1000 later, of which it keeps 100 unreserved.

  assert {
    condition     = sum(concat([0], values(var.functions.reserved_concurrency))) <= 900
    error_message = "More containers are reserved than an account has."
  }

  assert {
    condition = !contains(["vsl-dev", "vsl-staging"], var.prefix) || (
      length(var.functions.reserved_concurrency) == 0 && sum(values(var.functions.queue_concurrency)) + 4 <= 10
    )
    error_message = "The environment does not run within the 10 executions of a new account, four of them for the API."
  }

  assert {
    condition = (
      lookup(var.functions.reserved_concurrency, "submit_job", var.functions.queue_concurrency.submissions) == var.functions.queue_concurrency.submissions &&
      lookup(var.functions.reserved_concurrency, "process_webhook", var.functions.queue_concurrency.webhooks) == var.functions.queue_concurrency.webhooks &&
      lookup(var.functions.reserved_concurrency, "deliver_callback", var.functions.queue_concurrency.callbacks) == var.functions.queue_concurrency.callbacks
    )
    error_message = "A queue's function has more or fewer containers than its queue hands over messages."
  }

  # Each container holds one connection; without a proxy the instance must have room for all of them.
  assert {
    condition     = length(var.functions.reserved_concurrency) == 0 || var.database.proxy
    error_message = "So many containers need a proxy before the database."
  }

  # --- production survives the loss of a zone

  assert {
    condition = var.prefix != "vsl-prod" || alltrue([
      var.network.redundant, var.network.zones == 3, var.database.multi_az, var.database.proxy, var.cache.replicas >= 1, var.media_bucket.replica_region != null,
    ])
    error_message = "A part of production stands alone."
  }
}

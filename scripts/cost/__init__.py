"""Cost of an environment: sizes from Terraform, prices and assumptions from tables, and a page from both."""

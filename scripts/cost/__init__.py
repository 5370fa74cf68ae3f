"""What an environment costs: sizes from Terraform, prices and assumptions from tables, a page from both."""

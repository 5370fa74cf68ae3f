"""`vsl`: a client of the API for terminals and scripts.

It needs VSL_API_URL and VSL_API_KEY, but no AWS account and no Terraform.
"""

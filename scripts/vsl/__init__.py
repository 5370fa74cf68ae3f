"""`vsl`: the API from a terminal or a script.

It needs VSL_API_URL and VSL_API_KEY, and nothing else of this repository: no AWS account, no Terraform.
"""

"""Commands of the infra team: bootstrap, plan, apply, secrets, migrate, access, model, smoke, destroy.

`python -m deploy <command> <environment>`, or `make <command> ENV=<environment>`. Each command checks first what
it needs and says in one line each what is missing. It goes where boto3 and Terraform go: to AWS with a person's
credentials, or to an emulator with AWS_ENDPOINT_URL.
"""

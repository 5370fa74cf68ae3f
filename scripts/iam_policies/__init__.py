"""IAM policies, judged as AWS judges them: evaluated, and checked against the Service Authorization Reference."""

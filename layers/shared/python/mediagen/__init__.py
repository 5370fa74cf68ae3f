"""Code shared by the Lambda functions of VSL Media Generation."""

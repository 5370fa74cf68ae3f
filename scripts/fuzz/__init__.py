"""The running API against its own document: schemathesis asks what the document allows, and what it does not."""

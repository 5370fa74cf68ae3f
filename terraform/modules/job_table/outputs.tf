output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "allow" {
  description = "Permission statements: `read`, `read_many`, `write`."
  value = {
    read      = { ReadLiveJob = { actions = ["dynamodb:GetItem"], resources = [aws_dynamodb_table.this.arn] } }
    read_many = { ReadManyLiveJobs = { actions = ["dynamodb:BatchGetItem"], resources = [aws_dynamodb_table.this.arn] } }
    write     = { WriteLiveJob = { actions = ["dynamodb:PutItem"], resources = [aws_dynamodb_table.this.arn] } }
  }
}

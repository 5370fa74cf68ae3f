"""Members of requests, renamed to CloudFormation's properties."""

from aws_requests.reshape import cors


def test_cors_rules_have_the_names_of_cloudformation() -> None:
    rule = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"], "ExposeHeaders": ["etag"]}
    renamed = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"], "ExposedHeaders": ["etag"]}
    members = {"Bucket": "b", "CORSConfiguration": {"CORSRules": [rule | {"ID": "pages", "MaxAgeSeconds": 60}]}}
    assert cors(members) == {
        "BucketName": "b",
        "CorsConfiguration": {"CorsRules": [renamed | {"Id": "pages", "MaxAge": 60}]},
    }

"""Mistakes in queues and messages."""

import json

from unit.aws_requests.planted.planting import ACCOUNT, planted, recorded

DEAD_LETTERS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:work-dead-letters"
URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/work"
REDRIVE = {"deadLetterTargetArn": DEAD_LETTERS, "maxReceiveCount": 5}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
MANY_ACTIONS = [f"sqs:{name}Queue" for name in ("Get", "Put", "List", "Tag", "Untag", "Purge", "Create", "Delete")]

QUEUES = recorded(
    (
        "sqs.CreateQueue",
        {"QueueName": "work-dead-letters", "Attributes": {"MessageRetentionPeriod": "1209600"}},
    ),
    (
        "sqs.CreateQueue",
        {
            "QueueName": "work",
            "Attributes": {
                "VisibilityTimeout": "120",
                "SqsManagedSseEnabled": "true",
                "RedrivePolicy": json.dumps(REDRIVE),
                "Policy": json.dumps({"Version": "2012-10-17", "Statement": [TLS_ONLY]}),
            },
        },
    ),
    ("sqs.SendMessage", {"QueueUrl": URL, "MessageBody": '{"job_id": "1"}', "DelaySeconds": 10}),
    (
        "sqs.SendMessageBatch",
        {"QueueUrl": URL, "Entries": [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}]},
    ),
    ("sqs.ReceiveMessage", {"QueueUrl": URL, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20}),
    ("sqs.ChangeMessageVisibility", {"QueueUrl": URL, "ReceiptHandle": "r", "VisibilityTimeout": 30}),
)

PLANTED = [
    planted("both encryptions", QUEUES, "queues.one_encryption", (2, "Attributes.KmsMasterKeyId", "alias/vsl")),
    planted("queue name with a dot", QUEUES, "queues.name_syntax", (2, "QueueName", "work.v2")),
    planted("queue name over 80", QUEUES, "queues.name_syntax", (2, "QueueName", "q" * 81)),
    planted("FIFO without its ending", QUEUES, "queues.name_syntax", (2, "Attributes.FifoQueue", "true")),
    planted("visible after a day", QUEUES, "queues.attribute_ranges", (2, "Attributes.VisibilityTimeout", "86400")),
    planted("kept for 15 days", QUEUES, "queues.attribute_ranges", (1, "Attributes.MessageRetentionPeriod", "1296000")),
    planted("delayed by an hour", QUEUES, "queues.attribute_ranges", (2, "Attributes.DelaySeconds", "3600")),
    planted("unknown attribute", QUEUES, "queues.attribute_ranges", (2, "Attributes.MessageRetention", "60")),
    planted(
        "no dead-letter queue of that name",
        QUEUES,
        "queues.dead_letters_have_a_queue",
        (2, "Attributes.RedrivePolicy", json.dumps({**REDRIVE, "deadLetterTargetArn": f"{DEAD_LETTERS}-2"})),
    ),
    planted(
        "dead letters in another region",
        QUEUES,
        "queues.dead_letters_have_a_queue",
        (2, "Attributes.RedrivePolicy", json.dumps(REDRIVE).replace("us-east-1", "eu-west-1")),
    ),
    planted(
        "dead letter after 0 receives",
        QUEUES,
        "queues.dead_letters_have_a_queue",
        (2, "Attributes.RedrivePolicy", json.dumps({**REDRIVE, "maxReceiveCount": 0})),
    ),
    planted(
        "redrive policy that is not JSON",
        QUEUES,
        "queues.dead_letters_have_a_queue",
        (2, "Attributes.RedrivePolicy", "deadLetterTargetArn"),
    ),
    planted(
        "eight actions in a statement",
        QUEUES,
        "queues.policy_limits",
        (
            2,
            "Attributes.Policy",
            json.dumps({"Version": "2012-10-17", "Statement": [{**TLS_ONLY, "Action": MANY_ACTIONS}]}),
        ),
    ),
    planted("empty message", QUEUES, "queues.message_is_acceptable", (3, "MessageBody", "")),
    planted("message of 300 KB", QUEUES, "queues.message_is_acceptable", (3, "MessageBody", "m" * 300_000)),
    planted("message with a zero byte", QUEUES, "queues.message_is_acceptable", (3, "MessageBody", "a\0b")),
    planted("message delayed by an hour", QUEUES, "queues.message_is_acceptable", (3, "DelaySeconds", 3600)),
    planted(
        "batch of eleven",
        QUEUES,
        "queues.batch_is_acceptable",
        (4, "Entries", [{"Id": str(n), "MessageBody": "m"} for n in range(11)]),
    ),
    planted("batch with an id twice", QUEUES, "queues.batch_is_acceptable", (4, "Entries.1.Id", "a")),
    planted(
        "batch of 300 KB",
        QUEUES,
        "queues.batch_is_acceptable",
        (4, "Entries", [{"Id": str(n), "MessageBody": "m" * 60_000} for n in range(5)]),
    ),
    planted("receive twenty at once", QUEUES, "queues.receive_ranges", (5, "MaxNumberOfMessages", 20)),
    planted("wait for a minute", QUEUES, "queues.receive_ranges", (5, "WaitTimeSeconds", 60)),
    planted("hidden for a day", QUEUES, "queues.visibility_range", (6, "VisibilityTimeout", 86400)),
    # AWS refuses this, but requests have no time: a queue with the name of one that was deleted a minute ago.
    planted("queue made again within a minute", QUEUES, None, (1, "QueueName", "work-dead-letters")),
]

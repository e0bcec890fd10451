r"""Moves the messages of the dead-letter queues back to their queues.

On AWS:   python infra/redrive.py --stack taskbell [--queue emails]
Locally:  make redrive [Q=emails] calls the same functions with clients of the emulator.

A message is sent before it is deleted: a crash between the two duplicates it, which consumers handle. MiniStack 1.5.33 does not
support SQS's own move (StartMessageMoveTask).
"""

import argparse
import sys

import boto3
import botocore.exceptions

import deploy


class RedriveFailed(Exception):
    """The message is one sentence."""


def queues(outputs: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Returns the queues by name: the URL of the dead-letter queue, and of the queue."""
    dead = "DeadQueueUrl"
    return {
        key.removesuffix(dead).lower(): (url, outputs[key.removesuffix(dead) + "QueueUrl"])
        for key, url in outputs.items()
        if key.endswith(dead)
    }


def redrive(deployment: deploy.Deployment, only: str = "") -> None:
    """Moves the messages of all dead-letter queues, or only that of one queue, and prints their number."""
    known = queues(deployment.outputs())
    if only and only not in known:
        raise RedriveFailed(f"there is no queue {only}; the queues are {' and '.join(known)}")
    sqs = deployment.client("sqs")
    for name, (dead, source) in known.items():
        if name == only or not only:
            count = put_back(sqs, dead, source)
            print(
                f"{name}: {f'{count} message' + 's' * (count != 1) + ' put back' if count else 'nothing to put back'}",
                flush=True,
            )


def put_back(sqs, dead: str, source: str) -> int:
    """Moves all messages from `dead` to `source`. Returns their number."""
    count = 0
    # Long polling asks all servers of the queue; without it a response may be empty although the queue is not.
    while messages := sqs.receive_message(
        QueueUrl=dead, MaxNumberOfMessages=10, VisibilityTimeout=60, WaitTimeSeconds=1, MessageAttributeNames=["All"]
    ).get("Messages"):
        entries = [
            {"Id": str(at), "MessageBody": message["Body"], "MessageAttributes": message.get("MessageAttributes", {})}
            for at, message in enumerate(messages)
        ]
        sent = sqs.send_message_batch(QueueUrl=source, Entries=entries)
        handles = [
            {"Id": entry["Id"], "ReceiptHandle": messages[int(entry["Id"])]["ReceiptHandle"]}
            for entry in sent.get("Successful", [])
        ]
        if handles:
            deleted = sqs.delete_message_batch(QueueUrl=dead, Entries=handles)
            count += len(deleted.get("Successful", []))
        for faulty in (*sent.get("Failed", []), *(deleted.get("Failed", []) if handles else [])):
            raise RedriveFailed(
                f"{count} messages moved to {source}, then: {faulty['Code']} {faulty.get('Message', '')}".rstrip()
            )
    return count


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--stack", required=True)
    arguments.add_argument("--queue", default="", help="only this one, such as emails")
    given = arguments.parse_args()
    try:
        redrive(deploy.Deployment(given.stack, "", boto3.Session()), given.queue)
    except (RedriveFailed, botocore.exceptions.ClientError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

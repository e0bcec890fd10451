r"""Puts the messages of the dead-letter queues back where they came from.

On AWS:   python infra/redrive.py --stack taskbell [--queue emails]
Locally:  make redrive [Q=emails] calls the same functions with clients of the emulator.

A message is sent before it is deleted: a crash between the two doubles it, and the consumers cope with that. SQS's own
move (StartMessageMoveTask) would do, but MiniStack 1.5.33 has none.
"""

import argparse
import sys

import boto3
import botocore.exceptions

import deploy


class RedriveFailed(Exception):
    """Says why, in a sentence."""


def queues(outputs: dict[str, str]) -> dict[str, tuple[str, str]]:
    """The stack's queues by name: the address of each one's dead-letter queue, and its own."""
    dead = "DeadQueueUrl"
    return {
        key.removesuffix(dead).lower(): (url, outputs[key.removesuffix(dead) + "QueueUrl"])
        for key, url in outputs.items()
        if key.endswith(dead)
    }


def redrive(deployment: deploy.Deployment, only: str = "") -> None:
    """Empties the dead-letter queues, or `only` that of one queue, and prints how many messages of each went back."""
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
    """Moves what is in the queue `dead` to `source`. Answers how many messages that were."""
    count = 0
    # Waiting a second asks all of the queue's servers; without that an answer may be empty though the queue is not.
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
                f"{count} messages went back to {source}, then: {faulty['Code']} {faulty.get('Message', '')}".rstrip()
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

"""Tests what infra/policies.py rejects and accepts."""

import unittest

from policies import faults


def found(**statement) -> list[str]:
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": {"Statement": [{"Effect": "Allow", **statement}]}},
    }
    return faults({"Resources": {"Policy": policy}})


class Policies(unittest.TestCase):
    def test_names_are_accepted(self):
        self.assertEqual(found(Action="sqs:SendMessage", Resource={"Fn::GetAtt": ["EventsQueue", "Arn"]}), [])

    def test_wildcards_instead_of_names_are_rejected(self):
        self.assertEqual(
            found(Action="sqs:*", Resource={"Fn::GetAtt": ["EventsQueue", "Arn"]}), ["Policy: allows the action sqs:*"]
        )
        self.assertEqual(found(Action="sqs:SendMessage", Resource="*"), ["Policy: allows sqs:SendMessage on *"])
        queues = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-*"}
        self.assertEqual(len(found(Action=["sqs:SendMessage"], Resource=[queues])), 1)
        self.assertEqual(len(found(NotAction="iam:*", Resource={"Fn::GetAtt": ["EventsQueue", "Arn"]})), 1)
        self.assertEqual(len(found(Action="s3:GetObject", Resource={"Fn::Sub": "${Reports.Arn}/*"}, Principal="*")), 1)

    def test_wildcards_are_accepted_for_actions_without_resources_and_for_later_names(self):
        self.assertEqual(found(Action=["xray:PutTraceSegments"], Resource="*"), [])
        self.assertEqual(len(found(Action=["xray:PutTraceSegments", "sqs:SendMessage"], Resource="*")), 1)
        self.assertEqual(found(Action="s3:GetObject", Resource={"Fn::Sub": "${Reports.Arn}/*"}), [])

    def test_a_denial_may_have_wildcards(self):
        self.assertEqual(found(Effect="Deny", Action="s3:*", Resource="*", Principal="*"), [])


if __name__ == "__main__":
    unittest.main()

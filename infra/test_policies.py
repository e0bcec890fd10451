"""What infra/policies.py finds, and what it lets be."""

import unittest

from policies import faults


def found(**statement) -> list[str]:
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": {"Statement": [{"Effect": "Allow", **statement}]}},
    }
    return faults({"Resources": {"Policy": policy}})


class Policies(unittest.TestCase):
    def test_names_are_fine(self):
        self.assertEqual(found(Action="sqs:SendMessage", Resource={"Fn::GetAtt": ["EventsQueue", "Arn"]}), [])

    def test_stars_where_a_name_can_stand_are_not(self):
        self.assertEqual(
            found(Action="sqs:*", Resource={"Fn::GetAtt": ["EventsQueue", "Arn"]}), ["Policy: allows the action sqs:*"]
        )
        self.assertEqual(found(Action="sqs:SendMessage", Resource="*"), ["Policy: allows sqs:SendMessage on *"])
        queues = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-*"}
        self.assertEqual(len(found(Action=["sqs:SendMessage"], Resource=[queues])), 1)
        self.assertEqual(len(found(NotAction="iam:*", Resource={"Fn::GetAtt": ["EventsQueue", "Arn"]})), 1)
        self.assertEqual(len(found(Action="s3:GetObject", Resource={"Fn::Sub": "${Reports.Arn}/*"}, Principal="*")), 1)

    def test_stars_are_for_actions_without_resources_and_for_names_that_are_made_later(self):
        self.assertEqual(found(Action=["xray:PutTraceSegments"], Resource="*"), [])
        self.assertEqual(len(found(Action=["xray:PutTraceSegments", "sqs:SendMessage"], Resource="*")), 1)
        self.assertEqual(found(Action="s3:GetObject", Resource={"Fn::Sub": "${Reports.Arn}/*"}), [])

    def test_what_is_denied_may_be_wide(self):
        self.assertEqual(found(Effect="Deny", Action="s3:*", Resource="*", Principal="*"), [])


if __name__ == "__main__":
    unittest.main()

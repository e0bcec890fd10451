"""The application: the stack of infra/app.yaml, its core, and after it that of infra/http.yaml, the endpoints.

infra/stage.py deploys it on AWS, and localstack/up.py on the emulator.
"""

from collections.abc import Callable
from pathlib import Path

import botocore.exceptions

from deploy import Deployment
from templates import BOTH, CORE, HTTP

# CloudFormation watches for so long after the endpoints have changed, whether the alarms sound.
WATCHED_MINUTES = 5

Review = Callable[[Deployment, list[dict]], bool]


class Application:
    """Both stacks in one account and region."""

    def __init__(self, core: Deployment, http: Deployment):
        self.core, self.http = core, http

    def exists(self) -> bool:
        """Whether the core has outputs: whether it was ever there as a whole."""
        return self.core.status() not in (None, "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")

    def is_single(self) -> bool:
        """Whether the core has the endpoints, too, as one has that was deployed before they had a stack of their own."""
        try:
            self.core.cloudformation.describe_stack_resource(StackName=self.core.stack, LogicalResourceId="HttpStage")
        except botocore.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return False
            raise
        return True

    def deploy_core(
        self,
        zips: dict[str, Path],
        known: dict[str, str],
        review: Review | None = None,
        alarms: list[str] | None = None,
    ) -> str:
        """Creates or updates the core. Answers as `Deployment.apply` does."""
        agrees = review and (lambda changes: review(self.core, changes))
        return self.core.apply(CORE.with_code(zips), CORE.parameters(known), agrees, alarms)

    def deploy_http(
        self,
        zips: dict[str, Path],
        known: dict[str, str],
        review: Review | None = None,
        alarms: list[str] | None = None,
    ) -> str:
        """Creates or updates the endpoints. What they want to know of the core, they get from its outputs."""
        known = {**known, **self.core.outputs(), "Core": self.core.stack}
        agrees = review and (lambda changes: review(self.http, changes))
        return self.http.apply(HTTP.with_code(zips), HTTP.parameters(known), agrees, alarms, WATCHED_MINUTES)

    def delete(self) -> None:
        """Deletes the endpoints, then the core."""
        for stack in (self.http, self.core):
            if stack.status():
                stack.delete()


def unknown(names: set[str]) -> set[str]:
    """Those of the names that are parameters of neither template."""
    return names - {name for template in BOTH for name in template.content["Parameters"]}

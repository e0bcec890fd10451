"""The application: the stack of infra/app.yaml (the core), and then that of infra/http.yaml (the endpoints).

infra/stage.py deploys it to AWS, and localstack/up.py to the emulator.
"""

from collections.abc import Callable
from pathlib import Path

import botocore.exceptions

from deploy import Deployment
from templates import BOTH, CORE, HTTP

# How long CloudFormation watches the alarms after the endpoints have changed.
WATCHED_MINUTES = 5

Review = Callable[[Deployment, list[dict]], bool]


class Application:
    """Both stacks in one account and region."""

    def __init__(self, core: Deployment, http: Deployment):
        self.core, self.http = core, http

    def exists(self) -> bool:
        """Returns whether the core was ever deployed completely, and so has outputs."""
        return self.core.status() not in (None, "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")

    def is_single(self) -> bool:
        """Returns whether the core includes the endpoints, because it was deployed before they had their own stack."""
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
        """Creates or updates the core. Returns the result of `Deployment.apply`."""
        agrees = review and (lambda changes: review(self.core, changes))
        return self.core.apply(CORE.with_code(zips), CORE.parameters(known), agrees, alarms)

    def deploy_http(
        self,
        zips: dict[str, Path],
        known: dict[str, str],
        review: Review | None = None,
        alarms: list[str] | None = None,
    ) -> str:
        """Creates or updates the endpoints, with the outputs of the core as parameters."""
        known = {**known, **self.core.outputs(), "Core": self.core.stack}
        agrees = review and (lambda changes: review(self.http, changes))
        return self.http.apply(HTTP.with_code(zips), HTTP.parameters(known), agrees, alarms, WATCHED_MINUTES)

    def delete(self) -> None:
        """Deletes the endpoints, then the core."""
        for stack in (self.http, self.core):
            if stack.status():
                stack.delete()


def unknown(names: set[str]) -> set[str]:
    """Returns the names that are parameters of neither template."""
    return names - {name for template in BOTH for name in template.content["Parameters"]}

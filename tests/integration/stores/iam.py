"""Signers for the IAM tests: a role's credentials, and a clock that moves only when set."""

from datetime import UTC, datetime, timedelta

from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws

USER = "mediagen_app"
ROLE = Credentials("ASIDEXAMPLE", "secret/with+odd=characters", "token//with+odd==characters")


class Signer:
    """Returns the signing settings, as `mediagen.aws.settings.aws` does."""

    def __init__(self) -> None:
        self._moment = datetime(2026, 11, 22, 17, 0, 5, tzinfo=UTC)
        self.away = False

    def __call__(self) -> Aws:
        return Aws("eu-west-1", self._credentials, now=lambda: self._moment)

    def wait(self, minutes: int) -> None:
        self._moment += timedelta(minutes=minutes)

    def _credentials(self) -> Credentials:
        if self.away:
            raise AwsError("NoCredentials", 0, "nobody to sign")
        return ROLE

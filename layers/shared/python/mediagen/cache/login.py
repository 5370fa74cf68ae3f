"""redis-py's login with IAM. It imports Redis, so it is imported only when a connection is made."""

from collections.abc import Callable

from redis.credentials import CredentialProvider
from redis.exceptions import RedisError

from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws
from mediagen.aws.tokens import cache_token


class IamLogin(CredentialProvider):
    """Sign a new token for every connection: redis-py asks for it on each connect and reconnect."""

    def __init__(self, signer: Callable[[], Aws], *, cache: str, user: str) -> None:
        self._signer, self._cache, self._user = signer, cache, user

    def get_credentials(self) -> tuple[str, str]:
        """Return the user and a token. Raises RedisError if there are no credentials to sign with."""
        try:
            return self._user, cache_token(self._signer(), cache=self._cache, user=self._user)
        except AwsError as error:
            # After any other error redis-py would keep the open connection and use it without a login.
            raise RedisError("no token") from error

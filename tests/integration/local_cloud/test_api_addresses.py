"""The emulator gives its APIs addresses that every machine resolves."""

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from local_cloud import emulator
from local_cloud.aws import Aws


def test_the_address_of_an_api_needs_no_name_to_be_resolved(tmp_path: Path) -> None:
    with emulator.emulator_server(tmp_path) as url:
        api = Aws(url).client("apigatewayv2").create_api(Name="a", ProtocolType="HTTP")
        assert api["ApiEndpoint"] == f"{url}/_aws/execute-api/{api['ApiId']}/%24default"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{api['ApiEndpoint']}/status")
        assert refused.value.code == 404

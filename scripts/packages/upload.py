"""Upload the zips to the artifact bucket, and write their keys to the file that Terraform reads.

A key contains the hash of the content, so an existing object is neither sent again nor overwritten.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from common.loopback import bypass_proxy
from common.paths import ROOT
from packages.files import PLATFORMS, function_names, function_zip, layer_zips

PACKAGES_FILE = ROOT / "terraform" / "packages.auto.tfvars.json"
HASH_DIGITS = 16


def upload(s3: Any, bucket: str, platform: str, log: Callable[[str], object] = print) -> dict[str, Any]:
    """Upload missing zips; return the values for Terraform: the bucket, and the key of each package and layer."""
    packages = {name: key_of("functions", function_zip(name)) for name in function_names()}
    layers = {name: key_of("layers", path) for name, path in layer_zips(platform).items()}
    files = {key: function_zip(name) for name, key in packages.items()}
    files |= {key: layer_zips(platform)[name] for name, key in layers.items()}
    for key, path in files.items():
        if _exists(s3, bucket, key):
            log(f"exists    {key}")
        else:
            s3.upload_file(str(path), bucket, key)
            log(f"uploaded  {key}")
    return {"artifact_bucket": bucket, "packages": packages, "layers": layers}


def key_of(folder: str, path: Path) -> str:
    """Return a key that contains the hash of the zip."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{folder}/{path.stem}-{digest[:HASH_DIGITS]}.zip"


def _exists(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return False
    return True


def main() -> None:
    """Upload to the bucket named on the command line, then write the packages file."""
    parser = argparse.ArgumentParser(prog="python -m packages.upload", description=__doc__)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--platform", choices=PLATFORMS, required=True)
    parser.add_argument("--output", type=Path, default=PACKAGES_FILE, help="default: %(default)s")
    options = parser.parse_args()
    bypass_proxy(os.environ)
    try:
        values = upload(boto3.client("s3"), options.bucket, options.platform)
    except (Boto3Error, BotoCoreError, ClientError) as problem:
        hint = ": create the bucket with make bootstrap" if "NoSuchBucket" in str(problem) else ""
        sys.exit(f"upload to {options.bucket} failed: {problem}{hint}")
    options.output.write_text(json.dumps(values, indent=2) + "\n")
    print(f"Wrote the keys to {options.output}")


if __name__ == "__main__":
    main()

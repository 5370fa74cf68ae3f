"""A metadata.json as `process_webhook` stores it."""

from datetime import datetime
from decimal import Decimal

from mediagen.jobs.job import Output
from mediagen.jobs.left_out import LeftOut
from mediagen.media.metadata import Generation, metadata_json
from unit.samples import JOB_ID, NOW, REPLICATE_ID, USER_ID

FOLDER = f"images/{USER_ID}/2026/11/22/{JOB_ID}/"
FILE = Output("original", f"{FOLDER}original.png", "image/png", 68, "0" * 64, 1, 1)
LEFT_OUT = LeftOut(2, "media_expired")


def description(*, stored_at: datetime = NOW, cost: Decimal | None = Decimal("0.003")) -> bytes:
    """Return it for one file, without a second output."""
    generation = Generation(
        job_id=JOB_ID,
        user_id=USER_ID,
        media_type="image",
        model_id="flux-schnell",
        params={"prompt": "a lighthouse"},
        replicate_id=REPLICATE_ID,
        model=None,
        version=None,
        metrics={"predict_time": 4.2},
        cost=cost,
        created_at=NOW,
        started_at=NOW,
        completed_at=NOW,
        stored_at=stored_at,
    )
    return metadata_json(generation, [FILE], [LEFT_OUT])

"""Fates of jobs at Replicate whose answers are wrong, not missing: see the tables in the simulator's README."""

# A list that lags for longer than the five minutes between two readings would be paid twice: see docs/reliability.md.
WRONG_ANSWERS = (
    "[[fault:output-empty-list]]",
    "[[fault:output-empty-string]]",
    "[[fault:output-nested]]",
    "[[fault:output-nulls]]",
    "[[fault:output-number]]",
    "[[fault:output-odd-values]]",
    "[[fault:odd-values]]",
    "[[fault:webhook-removed]]",
    "[[fault:list-without-webhook]]",
    "[[fault:list-malformed without=id]]",
    "[[fault:list-lag seconds=240]]",
    "[[fault:list-lag seconds=240]] [[fault:cut-after-accept times=1]]",
    "[[fault:get-lag seconds=600]]",
    "[[fault:get-stale seconds=120]]",
    "[[fault:get-stale seconds=3600]]",
    "[[fault:list-stale seconds=120]]",
    "[[fault:get-contradicts]]",
    "[[fault:list-contradicts]]",
)

"""The local cloud: the same Terraform and the same zips as on AWS, on real servers of this machine.

`python -m local_cloud up | down | demo | status | logs | access | poll | env`. Pieces for tests:
`postgres.postgres_server(folder)`, `redis.redis_server(folder)`, `emulator.emulator_server(folder)`,
`simulator.simulator_server(folder)` and `cloud.LocalCloud(state_dir)`. Nothing listens outside 127.0.0.1.
"""

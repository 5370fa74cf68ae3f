"""The local cloud as a whole: `up` makes it complete, `down` leaves nothing running.

cloud = LocalCloud(tmp_path)   # its own servers, ports and Terraform state
environment = cloud.up()       # environment.api_url, .api_key, .url("postgres"), .outputs["media_bucket"] …
cloud.down()
"""

import fcntl
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from common.deployer import Deployer
from common.loopback import bypass_proxy
from common.problems import SetupProblem
from common.progress import Progress
from common.replicate import LIVE_URL, webhook_secret
from local_cloud import checks, emulator, packages, processes, replicate, state
from local_cloud.aws import Aws
from local_cloud.ports import HOST, choose_ports
from local_cloud.processes import Server
from local_cloud.servers import BEFORE_STORES, Servers, answers
from local_cloud.state import Environment
from local_cloud.terraform import Terraform
from local_cloud.values import terraform_variables

USER_NAME = "demo"
# Of a person's own AWS account: must not be mixed with the emulator's credentials.
FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


class LocalCloud:
    """A local cloud whose run state is in `state_dir`; several may run side by side, each in its own."""

    def __init__(
        self,
        state_dir: Path,
        *,
        mode: str = "simulator",
        environ: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        live_url: str = LIVE_URL,
    ) -> None:
        self.state_dir = state_dir.absolute()
        self.logs = self.state_dir / "logs"
        self.progress = progress or Progress(sys.stderr)
        self._mode = mode
        self._environ = dict(os.environ if environ is None else environ)
        bypass_proxy(self._environ)
        self._live_url = live_url
        self._servers = Servers(self.state_dir, self._environ, self.progress)
        self._lock = threading.Lock()
        self._started = False

    def up(self) -> Environment:
        """Bring the cloud up, reusing what runs; if it fails or is interrupted, stop what it started."""
        with self._alone():
            self._check()
            before = self._reusable()
            self._started = not before
            try:
                return self._deploy(before or self._start_servers())
            except BaseException:
                if not before:
                    self._stop()
                raise

    def down(self) -> list[str]:
        """Stop everything; give the names of what was running."""
        with self._alone():
            return self._stop()

    def abandon(self) -> None:
        """Stop a cloud that this object started, such as that of an interrupted demo; leave an earlier one running."""
        if self._started:
            self.down()

    def kill(self, name: str) -> None:
        """Kill one of the servers, as a crash would; its data stay."""
        processes.kill(self._saved().servers[name])

    def revive(self, name: str) -> None:
        """Restart a killed server at its address."""
        known = self._saved()
        self._remember(self._servers.restart(known.servers[name], known.replicate_token, known.webhook_secret))

    def environment(self) -> Environment:
        """Return the running, complete cloud. Raises SetupProblem if there is none."""
        found = state.load(self.state_dir)
        if not found or not found.api_key or not all(map(answers, found.servers.values())):
            raise SetupProblem("the local cloud is not running: start it with make up")
        return found

    @property
    def recording(self) -> Path:
        """The file with every request to AWS since the emulator started; `down` removes it."""
        return emulator.recording(self.state_dir / "emulator")

    def terraform(self, environment: Environment) -> Terraform:
        folder, data_dir = packages.ROOT / "terraform", self.state_dir / "terraform"
        return Terraform(folder, data_dir, self.logs, self._reach(environment))

    def variables(self, environment: Environment) -> dict[str, str]:
        """Return the Terraform variables of this cloud, for another plan."""
        return terraform_variables(environment, self._live_url)

    def deployer(self, environment: Environment) -> Deployer:
        return Deployer(Aws(environment.url("emulator")), environment.outputs["function_names"])

    def _check(self) -> None:
        with self.progress.step("Tools") as step:
            step.detail = checks.check_tools()
            checks.check_space(self.state_dir)
        if self._mode == "live":
            replicate.live_token(self._environ)

    def _reusable(self) -> Environment | None:
        """Return the running cloud if it can be reused; remove it if it is incomplete or of the other mode."""
        try:
            found = state.load(self.state_dir)
        except state.Unreadable as problem:
            self.progress.note(f"  · an earlier local cloud is cleared away ({problem})")
            self._stop()
            return None
        if not found:
            return None
        dead = [name for name, server in found.servers.items() if not processes.is_alive(server)]
        is_complete = found.api_key and found.servers.keys() >= set(BEFORE_STORES)
        if found.replicate == self._mode and is_complete and not dead:
            self.progress.note("  · servers already running: reused")
            return found
        reason = f"stopped: {', '.join(dead)}" if dead else f"it is incomplete or for REPLICATE={found.replicate}"
        self.progress.note(f"  · an earlier local cloud is cleared away ({reason})")
        self._stop()
        return None

    def _start_servers(self) -> Environment:
        simulated = self._mode == "simulator"
        token = replicate.made_up_token() if simulated else ""
        secret = replicate.made_up_webhook_secret() if simulated else ""
        origin = f"http://{HOST}:{choose_ports(['callbacks'], self._environ)['callbacks']}"
        made = Environment(self._mode, replicate_token=token, webhook_secret=secret, callback_origin=origin)
        state.save(self.state_dir, made)
        self._servers.start(token, secret, self._remember)
        return self._saved()

    def _remember(self, server: Server) -> None:
        with self._lock:
            known = self._saved()
            state.save(self.state_dir, replace(known, servers={**known.servers, server.name: server}))

    def _saved(self) -> Environment:
        found = state.load(self.state_dir)
        assert found
        return found

    def _deploy(self, environment: Environment) -> Environment:
        terraform = self.terraform(environment)
        Aws(environment.url("emulator")).bootstrap()
        with ThreadPoolExecutor(1) as pool:
            # The first init takes about as long as an upload, and needs nothing of it.
            early = None if environment.applied else pool.submit(self._init, terraform)
            uploaded = self._upload(environment)
            if early:
                early.result()
        variables = self.variables(environment)
        inputs = terraform.fingerprint(uploaded, variables)
        if inputs == environment.applied:
            self.progress.note("  · nothing changed since the last apply (same hash of its inputs): not repeated")
            return environment
        if environment.applied:
            self._init(terraform)
        with self.progress.step("Terraform apply") as step, terraform.attached() as attached:
            outputs = attached.apply(uploaded, variables, lambda told: setattr(step, "detail", told))
        return self._set_up(replace(environment, outputs=outputs), inputs)

    def _init(self, terraform: Terraform) -> None:
        with self.progress.step("Terraform init") as step:
            step.detail = terraform.init()

    def _upload(self, environment: Environment) -> Path:
        with self.progress.step("Build") as step:
            packages.build(self.logs, self._environ)
            step.detail = f"zips for {packages.layer_platform()}"
        with self.progress.step("Upload"):
            return packages.upload(self.state_dir, self.logs, self._reach(environment))

    def _reach(self, environment: Environment) -> dict[str, str]:
        """Give a program's environment in which AWS is the emulator."""
        own = {name: value for name, value in self._environ.items() if name not in FOREIGN}
        return {**own, **environment.variables()}

    def _set_up(self, environment: Environment, inputs: str) -> Environment:
        deployer = self.deployer(environment)
        ids = environment.outputs["secret_ids"]
        with self.progress.step("Secrets"):
            token, secret = self._secrets(environment)
            deployer.aws.put_secret(ids["replicate_token"], token)
            deployer.aws.put_secret(ids["webhook_secret"], secret)
        with self.progress.step("Migrations") as step:
            step.detail = ", ".join(deployer.migrate()["applied"]) or "nothing new"
        if not environment.api_key:
            with self.progress.step("User and API key"):
                user_id, api_key = deployer.create_user_and_key(USER_NAME)
                environment = replace(environment, user_id=user_id, api_key=api_key)
        environment = replace(environment, applied=inputs)
        state.save(self.state_dir, environment)
        return environment

    def _secrets(self, environment: Environment) -> tuple[str, str]:
        if environment.replicate == "simulator":
            return environment.replicate_token, environment.webhook_secret
        token = replicate.live_token(self._environ)
        return token, webhook_secret(token, self._live_url)

    def _stop(self) -> list[str]:
        try:
            found = state.load(self.state_dir)
        except state.Unreadable:
            found = None  # its servers are found by their folder
        stopped = self._servers.stop(found.servers if found else {})
        (self.state_dir / packages.FILE).unlink(missing_ok=True)
        state.forget(self.state_dir)
        return stopped

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with (self.state_dir / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SetupProblem(f"another make up or make down uses {self.state_dir}: wait until it ends") from None
            yield

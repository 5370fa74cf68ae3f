"""The routes of the API and of the files, and how a request finds its route."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from replicate_simulator import control, create, directory, streaming
from replicate_simulator.answers import Answer, Refusal, Request, as_json, not_found, problem
from replicate_simulator.faults import Facts, text_of
from replicate_simulator.files import gone, serve
from replicate_simulator.misbehaviour import answered
from replicate_simulator.paging import next_url, previous_url, whole, window_of
from replicate_simulator.predictions import Prediction
from replicate_simulator.simulator import Simulator
from replicate_simulator.views import is_shown, malformed, seen

Page = dict[str, Any]
Routes = tuple[tuple[str, str, Callable[..., Answer]], ...]


@dataclass(frozen=True)
class Route:
    """A method, a pattern whose groups are arguments, and the function that answers."""

    method: str
    pattern: re.Pattern[str]
    handle: Callable[..., Answer]


def handle(simulator: Simulator, request: Request) -> Answer:
    try:
        if request.path.startswith("/v1/"):
            request = replace(request, account=_authenticate(simulator, request))
        return _dispatch(simulator, request)
    except Refusal as refusal:
        return refusal.answer


def _authenticate(simulator: Simulator, request: Request) -> str:
    """Return the name of the account whose token was sent."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    for account in simulator.settings.accounts:
        if scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), account.token.encode()):
            return account.username
    raise Refusal(problem(401, "You did not pass a valid authentication token", "Unauthenticated"))


def _dispatch(simulator: Simulator, request: Request) -> Answer:
    methods = []
    for route in ROUTES:
        match = route.pattern.fullmatch(request.path)
        if match and request.method in (route.method, "HEAD" if route.method == "GET" else route.method):
            return route.handle(simulator, request, **match.groupdict())
        if match:
            methods.append(route.method)
    if methods:
        return problem(405, f'Method "{request.method}" not allowed.', headers={"Allow": ", ".join(methods)})
    return not_found()


def _find(simulator: Simulator, request: Request, prediction_id: str) -> Prediction:
    prediction = simulator.store.get(prediction_id)
    if prediction is None or prediction.account != request.account:
        raise Refusal(not_found())
    return prediction


def _facts(on: str, prediction: Prediction) -> Facts:
    return Facts(on, prediction.model.full_name, text_of(prediction.input), prediction.job)


def get_prediction(simulator: Simulator, request: Request, prediction_id: str) -> Answer:
    prediction = _find(simulator, request, prediction_id)

    def show() -> Answer:
        if not is_shown(prediction, "get"):
            return not_found()
        return as_json(seen(prediction, simulator.render(prediction), "get"))

    return answered(simulator, _facts("get", prediction), show)


def cancel_prediction(simulator: Simulator, request: Request, prediction_id: str) -> Answer:
    """Cancel a prediction; return a final one unchanged."""
    prediction = _find(simulator, request, prediction_id)

    def cancel() -> Answer:
        prediction.finish("canceled")
        return as_json(simulator.render(prediction))

    return answered(simulator, _facts("cancel", prediction), cancel)


def list_predictions(simulator: Simulator, request: Request) -> Answer:
    return answered(simulator, Facts("list"), lambda: as_json(_page(simulator, request)))


def _page(simulator: Simulator, request: Request) -> Page:
    window = window_of(request.query)
    own = [each for each in simulator.store.newest_first() if each.account == request.account]
    everything = [prediction for prediction in own if is_shown(prediction, "list")]
    chosen = everything[window.choose([p.created_at for p in everything], simulator.settings.page_size)]
    within = [p.created_at for p in everything if window.has(p.created_at)]
    url = simulator.url + request.path
    has_next = chosen and within[-1] < chosen[-1].created_at
    has_previous = chosen and within[0] > chosen[0].created_at
    return {
        "next": next_url(url, request.query, chosen[-1].created_at) if has_next else None,
        "previous": previous_url(url, request.query, chosen[0].created_at) if has_previous else None,
        "results": [_item(simulator, prediction) for prediction in chosen],
    }


def _item(simulator: Simulator, prediction: Prediction) -> Any:
    """Return a list item: documented without logs; whether it has the webhook is not established."""
    rule = simulator.faults.for_answer(_facts("list-item", prediction))
    fault = rule and rule.fault
    hidden = {"logs"}
    if simulator.settings.list_without_webhook or fault == "list-without-webhook":
        hidden |= {"webhook", "webhook_events_filter"}
    shown = seen(prediction, simulator.render(prediction), "list")
    item = {key: value for key, value in shown.items() if key not in hidden}
    return malformed(item, rule.options) if rule and fault == "list-malformed" else item


def get_model(simulator: Simulator, _: Request, owner: str, name: str) -> Answer:
    model = simulator.catalogue.models.get(f"{owner}/{name}")
    if model is None:
        return not_found()
    runs = len([p for p in simulator.store.newest_first() if p.model is model])
    return answered(simulator, Facts("model", model.full_name), lambda: as_json(model.render(runs)))


def list_models(simulator: Simulator, _: Request) -> Answer:
    models = [model.render(0) for model in simulator.catalogue.models.values()]
    return answered(simulator, Facts("models"), lambda: as_json(whole(models)))


def list_versions(simulator: Simulator, _: Request, owner: str, name: str) -> Answer:
    model = simulator.catalogue.models.get(f"{owner}/{name}")
    if model is None:
        return not_found()
    versions = [model.version(version["id"]) for version in model.versions]
    return answered(simulator, Facts("versions", model.full_name), lambda: as_json(whole(versions)))


def get_version(simulator: Simulator, _: Request, owner: str, name: str, version_id: str) -> Answer:
    model = simulator.catalogue.models.get(f"{owner}/{name}")
    version = model and model.version(version_id)
    if model is None or version is None:
        return not_found()
    return answered(simulator, Facts("versions", model.full_name), lambda: as_json(version))


def webhook_secret(simulator: Simulator, request: Request) -> Answer:
    key = simulator.settings.secret_of(request.account)
    return answered(simulator, Facts("secret"), lambda: as_json({"key": key}))


def account(simulator: Simulator, request: Request) -> Answer:
    who = {"type": "organization", "username": request.account, "name": "Replicate simulator", "github_url": None}
    return answered(simulator, Facts("account"), lambda: as_json(who))


def get_file(simulator: Simulator, request: Request, prediction_id: str, name: str) -> Answer:
    """Return a file; as on replicate.delivery no token is needed, and requests with one are counted."""
    simulator.file_requests["count"] += 1
    simulator.file_requests["with_authorization"] += "Authorization" in request.headers
    prediction = simulator.store.get(prediction_id)
    plan = None if prediction is None else prediction.files.get(name)
    if prediction is None or plan is None or prediction.removed(simulator.settings.data_removed_seconds):
        return gone()
    return answered(simulator, _facts("file", prediction), lambda: serve(plan, request, simulator.closing))


def _route(method: str, path: str, function: Callable[..., Answer]) -> Route:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))
    return Route(method, re.compile(pattern), function)


_API: Routes = (
    ("POST", "/v1/predictions", create.by_version),
    ("POST", "/v1/models/{owner}/{name}/predictions", create.by_model),
    ("POST", "/v1/deployments/{owner}/{name}/predictions", create.by_deployment),
    ("GET", "/v1/predictions", list_predictions),
    ("GET", "/v1/predictions/{prediction_id}", get_prediction),
    ("POST", "/v1/predictions/{prediction_id}/cancel", cancel_prediction),
    ("GET", "/v1/models", list_models),
    ("GET", "/v1/models/{owner}/{name}", get_model),
    ("GET", "/v1/models/{owner}/{name}/versions", list_versions),
    ("GET", "/v1/models/{owner}/{name}/versions/{version_id}", get_version),
    ("GET", "/v1/webhooks/default/secret", webhook_secret),
    ("GET", "/v1/account", account),
    ("GET", "/files/{prediction_id}/{name}", get_file),
)
ROUTES = tuple(_route(*entry) for entry in (*_API, *directory.ROUTES, *streaming.ROUTES, *control.ROUTES))

"""What schemathesis knows of a world with two workspaces, and a check of its own: nothing crosses from one to the other.

`LATCHKEY_WORLD` is the file that `fuzzed` has written. Requests go out with a key of the first workspace. Ids in them are often replaced: by
ids of things that are there, so that more than "not found" is tried, and by ids of the second workspace, which must be unknown.
"""

import json
import os
import random

import schemathesis
from schemathesis.core.media_types import YAML_MEDIA_TYPES
from schemathesis.core.parameters import ParameterLocation as Place

with open(os.environ["LATCHKEY_WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)

RANDOM = random.Random(6)
FOREIGN_IDS = {id for place in WORLD["foreign"].values() for key, id in place.items() if key.endswith("id") and key != "node_id"}
# What members of bodies and queries name.
NAMED = {
    "workflow_id": "workflows",
    "credential_id": "credentials",
    "file_id": "files",
    "dataset_id": "datasets",
    "run_id": "runs",
}


def own(kind, removes):
    return RANDOM.choice(WORLD["spare"])[kind] if removes else WORLD["kept"][kind]


def place(case):
    """The things that the path of a case is about, of one workspace or of the other."""
    kind = case.operation.path.removeprefix("/api/v1/").split("/")[0]
    if kind not in WORLD["kept"]:
        return None
    chance = RANDOM.random()
    if chance < 0.2:
        return None
    return WORLD["foreign"][kind] if chance < 0.4 else own(kind, case.method == "DELETE")


def named(value):
    """A body in which some ids are replaced."""
    if isinstance(value, list):
        return [named(item) for item in value]
    if not isinstance(value, dict):
        return value
    new = {}
    for key, item in value.items():
        kind = NAMED.get(key)
        if kind and isinstance(item, str) and RANDOM.random() < 0.6:
            item = (WORLD["foreign"] if RANDOM.random() < 0.4 else WORLD["kept"])[kind]["id"]
        new[key] = named(item)
    return new


@schemathesis.hook
def before_call(ctx, case, **kwargs):
    meta = case.meta
    if meta is None:
        return
    parameters = case.path_parameters
    if parameters and not meta.is_negative_at(Place.PATH):
        for name, value in (place(case) or {}).items():
            if name in parameters:
                parameters[name] = value
    if not meta.is_negative_at(Place.BODY) and isinstance(case.body, (dict, list)):
        case.body = named(case.body)
    if not meta.is_negative_at(Place.QUERY) and case.query:
        case.query.update(named(dict(case.query)))


@schemathesis.check
def nothing_crosses(ctx, response, case):
    asked = (response.request.url or "") + str(response.request.body)
    answered = response.content.decode("utf-8", "replace")
    assert WORLD["mark"] not in answered, "a name of the second workspace was answered"
    unasked = [id for id in FOREIGN_IDS if id in answered and id not in asked]
    assert not unasked, f"ids of the second workspace were answered: {unasked}"
    in_path = [id for id in FOREIGN_IDS if id in (response.request.url or "").split("?")[0]]
    assert not in_path or response.status_code >= 400, f"a path with an id of the second workspace was answered: {in_path}"
    in_body = [id for id in FOREIGN_IDS if id in str(response.request.body)]
    assert not in_body or response.status_code >= 400, f"a body with an id of the second workspace was accepted: {in_body}"


@schemathesis.deserializer(*YAML_MEDIA_TYPES, "text/event-stream")
def text(ctx, response):
    # The description means the text, as clients read it, not what the text says.
    return response.content.decode("utf-8")

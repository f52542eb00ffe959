"""The generated client of Python against a server: BASE, and a key that may do everything, KEY, from the environment."""
import os

from latchkey_client import AuthenticatedClient
from latchkey_client.api.datasets import create_dataset, create_document
from latchkey_client.api.runs import start_run
from latchkey_client.api.server import health
from latchkey_client.api.workflows import export_workflow, get_app, import_workflow
from latchkey_client.models import ImportBody, NewDatasetBody, NewDocumentBody, StartBody

client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["KEY"])
assert isinstance(health.sync(client=client), str)
with open(os.environ["FILE"], encoding="utf-8") as file:
    text = file.read()
# A file as it is, and the same in an object.
imported = import_workflow.sync(client=client, body=text, publish=True)
workflow = imported.workflow.id
again = import_workflow.sync(client=client, body=ImportBody(content=text), dry_run=True)
assert again.report.to_dict()["status"] == imported.report.to_dict()["status"], again
exported = export_workflow.sync(workflow, client=client)
assert isinstance(exported, str) and "kind: app" in exported, exported
run = start_run.sync(workflow, client=client, body=StartBody.from_dict({"inputs": {"name": "Ada"}}))
assert run.to_dict()["outputs"] == {"greeting": "Hello Ada"}, run
# A body that says nothing may be left out.
assert start_run.sync_detailed(workflow, client=client).status_code in (200, 422)
dataset = create_dataset.sync(client=client, body=NewDatasetBody(name="manual"))
plain = create_document.sync(dataset.id, client=client, body="How do I reset my password?", name="plain")
assert plain.to_dict()["name"] == "plain", plain
told = create_document.sync(dataset.id, client=client, body=NewDocumentBody(name="told", text="In the settings."))
assert told.to_dict()["name"] == "told", told
missing = get_app.sync_detailed("01900000-0000-7000-8000-000000000000", client=client)
assert missing.status_code == 404 and missing.parsed.code == "not_found", missing
print("ok")

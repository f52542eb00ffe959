"""The published `dify-client` package, unmodified, against a server: BASE, and the keys CHAT, COMPLETION and FLOW, from the environment."""
import io
import json
import os

import requests
from dify_client import ChatClient, CompletionClient

BASE = os.environ["BASE"] + "/v1"


def client(kind, key):
    made = kind(os.environ[key])
    made.base_url = BASE
    return made


def events(response):
    assert response.status_code == 200, response.text
    for line in response.iter_lines():
        line = line.decode("utf-8")
        if line.startswith("data: "):
            yield json.loads(line[len("data: "):])


chat = client(ChatClient, "CHAT")
parameters = chat.get_application_parameters("ada").json()
assert parameters["opening_statement"] == "Hello", parameters
said = chat.create_chat_message({}, "one", "ada").json()
assert said["answer"] == "the quick brown fox answers", said
conversation = said["conversation_id"]
streamed = list(events(chat.create_chat_message({}, "two", "ada", "streaming", conversation)))
names = [event["event"] for event in streamed]
assert names[0] == "workflow_started" and names[-2:] == ["message_end", "workflow_finished"], names
answer = "".join(event["answer"] for event in streamed if event["event"] == "message")
assert answer == "the quick brown fox answers", answer
assert streamed[0]["conversation_id"] == conversation
messages = chat.get_conversation_messages("ada", conversation).json()
assert [message["query"] for message in messages["data"]] == ["one", "two"], messages
older = chat.get_conversation_messages("ada", conversation, messages["data"][1]["id"], 5).json()
assert [message["query"] for message in older["data"]] == ["one"], older
assert chat.get_conversations("ada").json()["data"][0]["id"] == conversation
renamed = chat.rename_conversation(conversation, "Mine", "ada").json()
assert renamed["name"] == "Mine", renamed
for rating in ["like", None]:
    assert chat.message_feedback(said["message_id"], rating, "ada").json() == {"result": "success"}
uploaded = chat.file_upload("ada", {"file": ("a.txt", io.BytesIO(b"hello"), "text/plain")})
assert uploaded.status_code == 201 and uploaded.json()["name"] == "a.txt", uploaded.text
refused = client(ChatClient, "FLOW").create_chat_message({}, "one", "ada")
assert (refused.status_code, refused.json()["code"]) == (400, "not_chat_app"), refused.text

completion = client(CompletionClient, "COMPLETION")
blocking = completion.create_completion_message({"topic": "foxes"}, "blocking", "ada").json()
assert (blocking["mode"], blocking["answer"]) == ("completion", "the quick brown fox answers"), blocking
streamed = list(events(completion.create_completion_message({"topic": "foxes"}, "streaming", "ada")))
assert {event["event"] for event in streamed} == {"message", "message_end"}, streamed

# The package has no class for workflows: people post to the route themselves.
flow = {"Authorization": f"Bearer {os.environ['FLOW']}"}
run = requests.post(f"{BASE}/workflows/run", headers=flow, json={"inputs": {"name": "Ada"}, "user": "ada", "response_mode": "blocking"})
assert run.json()["data"]["outputs"] == {"greeting": "Hello Ada"}, run.text
run = requests.post(f"{BASE}/workflows/run", headers=flow, json={"inputs": {"name": "Ada"}, "user": "ada", "response_mode": "streaming"}, stream=True)
assert [event["event"] for event in events(run)][-1] == "workflow_finished"
print("ok")

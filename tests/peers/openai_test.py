"""The official `openai` package, unmodified, against a server: BASE, and the keys CHAT and FLOW, from the environment."""
import os

import openai

BASE = os.environ["BASE"] + "/openai/v1"
WORDS = "the quick brown fox answers"
chat = openai.OpenAI(api_key=os.environ["CHAT"], base_url=BASE, max_retries=0)
models = [model.id for model in chat.models.list()]
assert len(models) == 1, models
messages = [
    {"role": "user", "content": "one"},
    {"role": "assistant", "content": "an earlier answer"},
    {"role": "user", "content": "two"},
]
answer = chat.chat.completions.create(model=models[0], messages=messages, user="ada")
assert answer.choices[0].message.content == WORDS, answer
assert answer.choices[0].finish_reason == "stop" and answer.usage.total_tokens > 0, answer
stream = chat.chat.completions.create(model=models[0], messages=messages, stream=True, stream_options={"include_usage": True})
text, usage = "", None
for chunk in stream:
    text += "".join(choice.delta.content or "" for choice in chunk.choices)
    usage = chunk.usage or usage
assert text == WORDS and usage.completion_tokens > 0, (text, usage)
flow = openai.OpenAI(api_key=os.environ["FLOW"], base_url=BASE, max_retries=0)
said = flow.chat.completions.create(model="light", messages=[{"role": "user", "content": "Ada"}])
assert said.choices[0].message.content == "Hello Ada", said
stated = flow.chat.completions.create(model="light", messages=[{"role": "user", "content": "x"}], extra_body={"inputs": {"name": "Bea"}})
assert stated.choices[0].message.content == "Hello Bea", stated
try:
    flow.chat.completions.create(model="nothing", messages=[{"role": "user", "content": "x"}])
    raise AssertionError("a model that there is not was asked")
except openai.NotFoundError as error:
    assert error.code == "model_not_found", error
try:
    openai.OpenAI(api_key="app-wrong", base_url=BASE, max_retries=0).models.list()
    raise AssertionError("a wrong key was taken")
except openai.AuthenticationError as error:
    assert error.code == "invalid_api_key", error
print("ok")

// The published `dify-client` package, unmodified, against a server: BASE, and the keys CHAT, COMPLETION and FLOW, from the environment.
import assert from "node:assert/strict";
import { ChatClient, CompletionClient } from "dify-client";

const base = `${process.env.BASE}/v1`;
const words = "the quick brown fox answers";

async function events(response) {
  let text = "";
  for await (const chunk of response.data) text += chunk.toString("utf8");
  const lines = text.split("\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => JSON.parse(line.slice(6)));
}

const chat = new ChatClient(process.env.CHAT, base);
assert.equal((await chat.getApplicationParameters("bea")).data.opening_statement, "Hello");
const said = (await chat.createChatMessage({}, "one", "bea")).data;
assert.equal(said.answer, words);
const conversation = said.conversation_id;
const streamed = await events(await chat.createChatMessage({}, "two", "bea", true, conversation));
assert.equal(streamed.filter((event) => event.event === "message").map((event) => event.answer).join(""), words);
assert.equal(streamed.at(-1).event, "workflow_finished");
const messages = (await chat.getConversationMessages("bea", conversation)).data;
assert.deepEqual(messages.data.map((message) => message.query), ["one", "two"]);
assert.equal((await chat.getConversations("bea")).data.data[0].id, conversation);
assert.equal((await chat.renameConversation(conversation, "Mine", "bea")).data.name, "Mine");
assert.deepEqual((await chat.messageFeedback(said.message_id, "like", "bea")).data, { result: "success" });
const form = new FormData();
form.append("user", "bea");
form.append("file", new Blob(["hello"], { type: "text/plain" }), "a.txt");
assert.equal((await chat.fileUpload(form)).status, 201);
assert.equal((await chat.deleteConversation(conversation, "bea")).status, 204);
await assert.rejects(chat.getConversationMessages("bea", conversation), (error) => error.response.status === 404 && error.response.data.code === "not_found");

const completion = new CompletionClient(process.env.COMPLETION, base);
assert.equal((await completion.createCompletionMessage({ topic: "foxes" }, "bea")).data.answer, words);
const pieces = await events(await completion.createCompletionMessage({ topic: "foxes" }, "bea", true));
assert.equal(pieces.at(-1).event, "message_end");

const flow = new CompletionClient(process.env.FLOW, base);
assert.deepEqual((await flow.runWorkflow({ name: "Bea" }, "bea")).data.data.outputs, { greeting: "Hello Bea" });
const run = await events(await flow.runWorkflow({ name: "Bea" }, "bea", true));
assert.equal(run[0].event, "workflow_started");
assert.equal(run.at(-1).data.status, "succeeded");
await assert.rejects(flow.runWorkflow({}, ""), (error) => error.response.data.code === "invalid_param");
console.log("ok");

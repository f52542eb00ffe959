// The official `openai` package, unmodified, against a server: BASE, and the key CHAT, from the environment.
import assert from "node:assert/strict";
import OpenAI from "openai";

const words = "the quick brown fox answers";
const chat = new OpenAI({ apiKey: process.env.CHAT, baseURL: `${process.env.BASE}/openai/v1`, maxRetries: 0 });
const [model] = (await chat.models.list()).data;
assert.equal((await chat.models.retrieve(model.id)).id, model.id);
const messages = [{ role: "system", content: "be kind" }, { role: "user", content: "one" }];
const answer = await chat.chat.completions.create({ model: model.id, messages });
assert.equal(answer.choices[0].message.content, words);
assert.ok(answer.usage.total_tokens > 0);
let text = "";
for await (const chunk of await chat.chat.completions.create({ model: model.id, messages, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
assert.equal(text, words);
await assert.rejects(chat.chat.completions.create({ model: model.id, messages: [] }), (error) => error.status === 400);
console.log("ok");

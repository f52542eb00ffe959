"""A model behind the LiteLLM proxy: OpenAI's chat format, and an answer that follows from the question.

With a result of a tool in the conversation it repeats the result; with tools it calls the first one; with an image it says
so; else it greets. It knows one key.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-test-upstream"


def parts_of(message):
    content = message.get("content")
    return content if isinstance(content, list) else []


def text_of(message):
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in parts_of(message))


def answer(question):
    """The pieces of the answer and the reason why it ends."""
    messages = question["messages"]
    results = [m for m in messages if m["role"] == "tool"]
    system = [text_of(m) for m in messages if m["role"] in ("system", "developer")]
    if results:
        return [{"content": "The tool says: "}, {"content": text_of(results[-1])}], "stop"
    if question.get("tools"):
        name = question["tools"][0]["function"]["name"]
        call = {"index": 0, "id": "call_upstream", "type": "function", "function": {"name": name, "arguments": ""}}
        pieces = ['{"city": ', '"Zürich"}']
        more = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
        return [{"tool_calls": [call]}, *more], "tool_calls"
    if any(p.get("type") == "image_url" for m in messages for p in parts_of(m)):
        return [{"content": "I see an image"}], "stop"
    if question.get("max_tokens") == 16 or question.get("max_completion_tokens") == 16:
        return [{"content": "Cut"}], "length"
    greeting = " ".join(["Grüezi 🎉", *system])
    return [{"content": greeting[:4]}, {"content": greeting[4:]}], "stop"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("authorization") != f"Bearer {KEY}":
            error = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
            return self.reply(401, "application/json", json.dumps(error).encode())
        question = json.loads(body)
        pieces, reason = answer(question)
        usage = {"prompt_tokens": 20, "completion_tokens": 7, "total_tokens": 27,
                 "prompt_tokens_details": {"cached_tokens": 8}}
        head = {"id": "chatcmpl-upstream", "created": 1780000000, "model": question["model"]}
        if not question.get("stream"):
            message = {"role": "assistant", "content": "".join(p.get("content", "") for p in pieces) or None}
            if reason == "tool_calls":
                call = dict(pieces[0]["tool_calls"][0])
                arguments = "".join(p["tool_calls"][0]["function"]["arguments"] for p in pieces)
                call["function"] = {"name": call["function"]["name"], "arguments": arguments}
                message["tool_calls"] = [call]
            choice = {"index": 0, "message": message, "finish_reason": reason}
            whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
            return self.reply(200, "application/json", json.dumps(whole).encode())
        chunk = {**head, "object": "chat.completion.chunk"}
        said = [{"choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
        said.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        said.append({"choices": [], "usage": usage})
        events = [f"data: {json.dumps({**chunk, **one})}\n\n" for one in said]
        self.reply(200, "text/event-stream", ("".join(events) + "data: [DONE]\n\n").encode())


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.serve_forever()

# An MCP server over standard streams for the tests, with tools that behave and tools that do not. MODE=dead ends at once,
# MODE=mute answers nothing, MODE=stateless knows no handshake; whatever KEY is, careless tools tell it.
import json, os, subprocess, sys, threading, time

MODE, KEY = os.environ.get("MODE", ""), os.environ.get("KEY", "")
lock = threading.Lock()
if MODE == "dead":
    sys.exit("cannot work with " + KEY)
print("a program for tests", flush=True)


def send(message):
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def tool(name, takes=(), **more):
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in takes}, "required": list(takes)}
    return {"name": name, "description": "Does " + name, "inputSchema": schema, **more}


SUM = {"type": "object", "required": ["sum"], "properties": {"sum": {"type": "number"}}}
PAGES = {None: [tool("add", ("a", "b"), outputSchema=SUM), tool("facts"), tool("wait", ("seconds",))],
    "2": [tool(name) for name in ("die", "hang", "flood", "long", "garbage", "strange", "complain", "breed", "ask")]}


def facts():
    with open("/proc/self/status") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    return {"pid": os.getpid(), "environment": dict(os.environ), "directory": os.getcwd(),
        "no_new_privileges": fields["NoNewPrivs"], "open": sorted(os.listdir("/proc/self/fd"))[:6]}


def call(name, given):
    text = lambda words, **more: {"content": [{"type": "text", "text": words}], **more}
    if name == "add":
        if given["b"] == "lie":
            return {"content": [], "structuredContent": {"sum": "much"}}
        total = float(given["a"]) + float(given["b"])
        return text("the sum is %g, says %s" % (total, KEY or "nobody"), structuredContent={"sum": total})
    if name == "facts":
        return text(json.dumps(facts()))
    if name == "wait":
        time.sleep(float(given["seconds"]))
        return text("waited")
    if name == "die":
        print("the end of " + KEY, file=sys.stderr, flush=True)
        os._exit(3)
    if name == "hang":
        with lock:
            time.sleep(600)
    if name == "flood":
        while True:
            send({"method": "notifications/message", "params": {"data": "x" * 100}})
    if name == "long":
        while True:
            sys.stdout.write("x" * 65536)
    if name == "garbage":
        sys.stdout.write('{"id": \n')
        sys.stdout.flush()
    if name == "strange":
        send({"id": 4711, "result": {"content": []}})
    if name == "complain":
        for _ in range(20000):
            print("not well, " + KEY + "x" * 100, file=sys.stderr)
        return text("complained")
    if name == "breed":
        # A child that leaves its group, and whose parent is gone.
        code = "import os, sys, time\nif os.fork(): sys.exit()\nos.setsid()\nprint(os.getpid(), flush=True)\ntime.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        return text(child.stdout.readline().decode().strip())
    if name == "ask":
        send({"id": "mine", "method": "sampling/createMessage", "params": {}})
        return text("asked")
    raise ValueError("no tool " + name)


def serve(message):
    method, ident, params = message.get("method"), message.get("id"), message.get("params", {})
    if MODE == "mute" or ident is None or method is None:
        return
    refuse = lambda code, why: send({"id": ident, "error": {"code": code, "message": why}})
    try:
        if method == "initialize" and MODE != "stateless":
            send({"id": ident, "result": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                "serverInfo": {"name": "sums", "version": "1"}}})
        elif MODE == "stateless" and "io.modelcontextprotocol/protocolVersion" not in params.get("_meta", {}):
            refuse(-32601, "no method " + method)
        elif method == "server/discover" and MODE == "stateless":
            send({"id": ident, "result": {"resultType": "complete", "supportedVersions": ["2026-07-28"],
                "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private"}})
        elif method == "tools/list":
            page = params.get("cursor")
            send({"id": ident, "result": {"tools": PAGES[page], **({} if page else {"nextCursor": "2"})}})
        elif method == "tools/call":
            send({"id": ident, "result": call(params["name"], params.get("arguments", {}))})
        else:
            refuse(-32601, "no method " + method)
    except Exception as error:
        refuse(-32603, str(error))


for line in sys.stdin:
    threading.Thread(target=serve, args=(json.loads(line),), daemon=True).start()

# Runs inside of the sandbox: waits for one job, runs it, answers, ends. Whatever it uses after the code has run was taken
# hold of before, so that code which replaces a module's functions spoils its own result only. It imports next to nothing:
# a process must be ready sooner than a bare interpreter.
def codec():
    try:
        # The insides of `json`, without `re` and everything that comes with it.
        from _json import encode_basestring_ascii, make_encoder, make_scanner

        class Context:
            strict, object_hook, object_pairs_hook, array_hook, memo = True, None, None, None, {}
            parse_float, parse_int, parse_constant = float, int, None

        def refuse(value):
            raise TypeError("Object of type " + type(value).__name__ + " is not JSON serializable")

        scan = make_scanner(Context)

        def dumps(value):
            encode = make_encoder({}, refuse, encode_basestring_ascii, None, ": ", ", ", False, False, False)
            return "".join(encode(value, 0))

        def loads(text):
            return scan(text, 0)[0]

        text = '{"a": [1, 2.5, null, "\\u00e9"], "b": {}}'
        if dumps(loads(text)) == text:
            return dumps, loads
    except Exception:
        pass
    import json
    return lambda value: json.dumps(value, allow_nan=False), json.loads


def serve():
    import sys
    from posix import O_RDWR, _exit as end, close, dup, dup2, open, read, write
    dumps, loads = codec()
    channel = dup(0)
    nothing = open("/dev/null", O_RDWR)
    dup2(nothing, 0)
    close(nothing)

    def take(count):
        parts = []
        while count:
            part = read(channel, min(count, 1 << 20))
            if not part:
                end(0)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def answer(tag, text):
        data = text.encode("utf-8", "backslashreplace")
        data = memoryview(tag + len(data).to_bytes(4, "little") + data)
        while data:
            data = data[write(channel, data):]

    def told(error):
        import linecache, traceback
        linecache.cache["<code>"] = (len(code), None, code.splitlines(True), "<code>")
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != "<code>":
            trace = trace.tb_next
        return "".join(traceback.format_exception(type(error), error, trace, limit=-32)).rstrip()

    answer(b"R", "")
    lengths = take(8)
    code = take(int.from_bytes(lengths[:4], "little")).decode()
    inputs = loads(take(int.from_bytes(lengths[4:], "little")).decode())
    if len(sys.argv) > 1:
        sys.path.append(sys.argv[1])
        sys.argv = sys.argv[:1]
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    try:
        exec(compile(code, "<code>", "exec"), module.__dict__)
        result = module.main(**inputs)
        if not isinstance(result, dict):
            raise TypeError("main must return a dict, not " + type(result).__name__)
        result = dumps(result)
    except BaseException as error:
        try:
            text = told(error)
        except BaseException:
            text = type(error).__name__
        answer(b"E", text)
    else:
        answer(b"O", result)
    end(0)


serve()

# Asked of the machine's interpreter, unconfined: where it is and which files it needs. It answers one JSON object.
import importlib, json, os, sys, sysconfig

if sys.version_info < (3, 8):
    sys.exit("Python 3.8 or newer is needed")
program = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
folders = {os.path.realpath(sysconfig.get_path(name, vars={"base": sys.base_prefix, "installed_base": sys.base_prefix,
    "platbase": sys.base_exec_prefix, "installed_platbase": sys.base_exec_prefix})) for name in ("stdlib", "platstdlib")}
folders = {folder for folder in folders if os.path.isdir(folder)}
hidden = [os.path.join(folder, "site-packages") for folder in folders if os.path.isdir(os.path.join(folder, "site-packages"))]
for folder in folders:
    dynamic = os.path.join(folder, "lib-dynload")
    for file in sorted(os.listdir(dynamic)) if os.path.isdir(dynamic) else ():
        name = file.split(".")[0]
        if name.startswith(("_test", "xx", "_xx", "_tkinter", "readline", "_curses", "_crypt", "nis", "_dbm", "_gdbm")):
            continue
        try:
            importlib.import_module(name)
        except BaseException:
            pass
with open("/proc/self/maps", "rb") as maps:
    mapped = {os.fsdecode(line.split(None, 5)[5].rstrip(b"\n")) for line in maps if len(line.split(None, 5)) == 6}
libraries = sorted(path for path in mapped if path.startswith("/") and ".so" in os.path.basename(path) and os.path.realpath(path) == path)
print(json.dumps({"program": program, "version": "%d.%d.%d" % sys.version_info[:3], "folders": sorted(folders), "hidden": hidden,
    "libraries": libraries}))

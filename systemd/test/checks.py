"""What only a booted systemd can show of kaizend; run as root inside the machine by run.sh.

Every check prints one line, "ok" or "FAIL" with its name and what was seen; the exit status is 1 after a failure.
"""

import json
import os
import pwd
import grp
import re
import signal
import stat
import subprocess
import sys
import time

SERVICE = "kaizend.service"
UNITS = "/usr/lib/systemd/system"
INFER = "/run/kaizend/infer.sock"
CONTROL = "/run/kaizend/control.sock"
LINE = "press-1"
EXPOSURE_MAX = 1.5
# Ids of systemd/kaizend.catalog.
READY_ID = "8a22bce7e288deb9a290197bf2bc93fc"
LINE_ADDED_ID = "7b08a3175781e10a463039a9ef14e163"
SETTINGS_ID = "b093e37e5365c3e86da7610d9d70f89d"

checks = []


def check(name):
    """Adds a function to the checks; it returns what was seen, or raises."""

    def add(function):
        checks.append((name, function))
        return function

    return add


def need(condition, what):
    if not condition:
        raise AssertionError(what)


def run(*command, user=None, ok=True, timeout=300):
    """Runs a command, as a user with all of its groups; its code must be 0 unless `ok` is false."""
    options = {}
    if user:
        entry = pwd.getpwnam(user)
        groups = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
        options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups, "cwd": "/"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    if ok and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}".strip())
    return done


def shown(*properties):
    """Properties of the service, in order."""
    out = run("systemctl", "show", SERVICE, *[f"--property={name}" for name in properties]).stdout
    values = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    return [values.get(name, "") for name in properties]


def main_pid():
    return int(shown("MainPID")[0])


def wait_for(what, question, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := question():
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


def active():
    return shown("ActiveState", "SubState") == ["active", "running"]


def ctl(*arguments, user="olga"):
    return json.loads(run("kaizenctl", *arguments, "--json", user=user).stdout)


def journal(*matches):
    out = run("journalctl", "--no-pager", "-o", "json", *matches).stdout
    return [json.loads(line) for line in out.splitlines()]


def health(user):
    """What a user's program gets from infer.sock."""
    program = (
        "import socket; s = socket.socket(socket.AF_UNIX); "
        f"s.connect({INFER!r}); s.sendall(b'GET /v2/health/ready HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'); "
        "print(s.recv(65536).split(b'\\r\\n')[0].decode())"
    )
    return run("python3", "-c", program, user=user, ok=False)


class Load:
    """visitors.py as a member of kaizend-clients; `result` afterwards."""

    number = 0

    def __enter__(self):
        Load.number += 1
        features = next(len(line["features"]) for line in ctl("lines")["lines"] if line["line"] == LINE)
        entry = pwd.getpwnam("anna")
        self.before = ctl("status")["ledger"]["predictions"]
        self.process = subprocess.Popen(
            ["python3", "/usr/local/lib/visitors.py", INFER, LINE, str(features), f"load{Load.number}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=entry.pw_uid, group=entry.pw_gid,
            extra_groups=[grp.getgrnam("kaizend-clients").gr_gid])
        wait_for("parts under load", lambda: ctl("status")["ledger"]["predictions"] > self.before + 100)
        return self

    def more(self, parts=200):
        now = ctl("status")["ledger"]["predictions"]
        wait_for("more parts", lambda: ctl("status")["ledger"]["predictions"] > now + parts)

    def __exit__(self, *_):
        out, _ = self.process.communicate(timeout=120)
        self.result = json.loads(out)
        self.stored = ctl("status")["ledger"]["predictions"] - self.before

    def told(self):
        result = self.result
        need(not result["refused"], f"refused: {result['refused'][:3]}")
        need(not result["surprises"], f"surprises: {result['surprises'][:3]}")
        need(self.stored == result["answered"], f"{self.stored} rows stored of {result['answered']} answered parts")
        return (
            f"{result['answered']} parts answered and stored once, 0 connections refused, {result['unanswered']} closed "
            f"before the answer and answered when sent again, longest wait {result['longest_wait']:.2f} s")


@check("users, directories and units are set up by the commands of the README")
def install():
    run("systemd-sysusers")
    run("systemd-tmpfiles", "--create", "kaizend.conf")
    run("journalctl", "--update-catalog")
    run("systemctl", "daemon-reload")
    for user, groups in [("anna", "kaizend-clients"), ("olga", "kaizend-operators,kaizend-clients"), ("otto", "")]:
        run("useradd", "--no-create-home", *(["--groups", groups] if groups else []), user)
    sockets = sorted(name for name in os.listdir(UNITS) if name.startswith("kaizend") and name.endswith(".socket"))
    run("systemctl", "enable", "--now", *sockets, SERVICE)
    return f"user kaizend is uid {pwd.getpwnam('kaizend').pw_uid}; enabled {', '.join(sockets)} and {SERVICE}"


@check("the start reaches active, by Type=notify, with a status line")
def start():
    kind, state, sub, restarts = shown("Type", "ActiveState", "SubState", "NRestarts")
    need([kind, state, sub, restarts] == ["notify", "active", "running", "0"], f"{kind} {state} {sub} {restarts}")
    text = wait_for("a status line", lambda: shown("StatusText")[0])
    need("no line yet" in text and "ledger" in text, text)
    return f"Status: {text}"


@check("every socket has its owner, group and mode")
def socket_modes():
    told = []
    for unit in sorted(name for name in os.listdir(UNITS) if name.startswith("kaizend") and name.endswith(".socket")):
        text = open(f"{UNITS}/{unit}").read()
        path = re.search(r"^ListenStream=(.+)$", text, re.M).group(1)
        wanted = re.search(r"^SocketGroup=(.+)$", text, re.M).group(1)
        found = os.stat(path)
        group = grp.getgrgid(found.st_gid).gr_name
        need(stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o660, f"{path}: {oct(found.st_mode)}")
        need(pwd.getpwuid(found.st_uid).pw_name == "kaizend" and group == wanted, f"{path}: group {group}")
        told.append(f"{path} 0660 kaizend:{group}")
    return "; ".join(told)


@check("clients may predict and others may not, operators may operate and others may not")
def permissions():
    need("200" in health("anna").stdout, f"anna: {health('anna')}")
    need("PermissionError" in health("otto").stderr, f"otto: {health('otto')}")
    run("kaizenctl", "status", user="olga")
    for user in ["anna", "otto"]:
        refused = run("kaizenctl", "status", user=user, ok=False)
        need(refused.returncode == 77, f"{user}: {refused}")
    return "infer.sock: anna 200, otto EACCES; control.sock: olga 0, anna and otto 77"


@check("the state is the daemon's own, and for nobody else")
def state_directory():
    found = os.stat("/var/lib/kaizend")
    need(pwd.getpwuid(found.st_uid).pw_name == "kaizend" and stat.S_IMODE(found.st_mode) == 0o750, oct(found.st_mode))
    for name in ["ledger.db", "state.db"]:
        file = os.stat(f"/var/lib/kaizend/{name}")
        need(pwd.getpwuid(file.st_uid).pw_name == "kaizend" and file.st_mode & 0o007 == 0, f"{name} {oct(file.st_mode)}")
    denied = run("ls", "/var/lib/kaizend", user="otto", ok=False)
    need(denied.returncode != 0, "otto reads the state")
    return "/var/lib/kaizend 0750 kaizend, databases closed to others"


@check("an operator makes a line from a file, and it serves")
def line_add():
    run("kaizen-plant", "simulate", "--write-history", "/tmp/press.csv")
    os.chmod("/tmp/press.csv", 0o644)
    added = ctl("line", "add", LINE, "--data", "/tmp/press.csv", "--label", "label", "--groups", "product,camera",
                "--target", "0.9", "--time", "event")
    status = ctl("status")
    need([line["line"] for line in status["lines"]] == [LINE], str(status["lines"]))
    return added["sentence"]


@check("the sandbox: exposure, and what the kernel says of the process")
def sandbox():
    out = run("systemd-analyze", "security", "--no-pager", SERVICE).stdout
    exposure = float(re.search(r"exposure level for kaizend.service: ([0-9.]+)", out).group(1))
    need(exposure <= EXPOSURE_MAX, f"exposure {exposure} is above {EXPOSURE_MAX}")
    pid = main_pid()
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    fields = {name: value.strip() for name, value in fields.items()}
    wanted = {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapBnd": "0" * 16}
    for name, value in wanted.items():
        need(fields[name] == value, f"{name} is {fields[name]}")
    need(os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net"), "it shares the machine's network")
    links = os.listdir(f"/proc/{pid}/root/sys/class/net") if os.path.isdir(f"/proc/{pid}/root/sys/class/net") else []
    return f"exposure {exposure} (at most {EXPOSURE_MAX}); no capabilities, seccomp, a network of its own {links}"


@check("a group that drifts is retrained inside the sandbox, and the audit trail is whole")
def retraining():
    run("kaizen-plant", "simulate", "--line", LINE, "--days", "40", "--quiet", user="olga", timeout=580)

    def ended():
        runs = [row for row in ctl("runs", LINE)["runs"] if row["kind"] == "retrain"]
        return runs if runs and all(row.get("ended_at") for row in runs) else None

    runs = wait_for("the end of a retraining", ended, seconds=180)
    need(all(row["state"] in ("promoted", "kept") for row in runs), str([(r["state"], r["sentence"]) for r in runs]))
    need(any(row["state"] == "promoted" for row in runs), str([(r["state"], r["sentence"]) for r in runs]))
    run("kaizenctl", "audit", "verify", user="olga")
    told = "; ".join(f"run {row['run']} {row['state']} for {', '.join(row['cells'])}" for row in runs)
    return f"{told}; {ctl('status')['ledger']['predictions']} parts"


@check("systemctl reload puts new settings into force in the same process, and the audit names who asked")
def reload_good():
    before, = shown("MainPID")
    with open(f"/etc/kaizend/lines.d/{LINE}.toml", "w") as file:
        file.write('mode = "propose"\n')
    with open("/etc/kaizend/conf.d/test.toml", "w") as file:
        file.write("[limits]\nconnections_max = 200\n")
    run("systemctl", "reload", SERVICE)
    need(shown("MainPID")[0] == before and active(), str(shown("MainPID", "ActiveState")))
    need(ctl("lines")["lines"][0]["mode"] == "propose", "the mode is not the new one")
    entries = [entry for entry in ctl("audit", "show")["entries"] if entry["event"] == "settings_changed"]
    uid = pwd.getpwnam("kaizend").pw_uid
    need([entry["uid"] for entry in entries[-2:]] == [uid, uid], f"by systemd, as the service's user: {entries[-2:]}")
    with open("/etc/kaizend/conf.d/test.toml", "w") as file:
        file.write("[limits]\nconnections_max = 100\n")
    ctl("reload")
    last = [entry for entry in ctl("audit", "show")["entries"] if entry["event"] == "settings_changed"][-1]
    need(last["login"] == "olga" and "200 -> 100" in last["sentence"], str(last))
    told = [entry["sentence"].split(", ")[0] for entry in entries[-2:]]
    return f"{'; '.join(told)}; by {entries[-1]['login']}; kaizenctl reload: {last['sentence']}; by {last['login']}"


@check("systemctl reload of a wrong configuration fails, and the one before stays in force")
def reload_bad():
    with open("/etc/kaizend/conf.d/test.toml", "w") as file:
        file.write("[limits]\nconnections_max = 0\n")
    refused = run("systemctl", "reload", SERVICE, ok=False)
    checked = run("kaizend", "--check-config", ok=False)
    os.remove("/etc/kaizend/conf.d/test.toml")
    need(refused.returncode != 0 and active(), f"{refused.returncode} {shown('ActiveState', 'SubState')}")
    need(checked.returncode == 78, f"--check-config ended with {checked.returncode}")
    said = [entry["MESSAGE"] for entry in journal("-u", SERVICE, "-n", "20")]
    need(any("test.toml:2 limits.connections_max" in str(text) for text in said), str(said))
    run("systemctl", "reload", SERVICE)
    return "told with file and line; --check-config ends with 78"


@check("the journal has structured fields, and the catalog explains them")
def journal_fields():
    added = journal(f"MESSAGE_ID={LINE_ADDED_ID}")
    need(added and added[-1].get("KAIZEN_LINE") == LINE and added[-1].get("KAIZEN_AUDIT_SEQ"), str(added))
    need(added[-1].get("_SYSTEMD_UNIT") == SERVICE and added[-1].get("PRIORITY") == "5", str(added[-1]))
    lagging = [entry for entry in journal(f"KAIZEN_LINE={LINE}") if entry.get("KAIZEN_EVENT") == "group_lagging"]
    need(lagging and lagging[-1].get("KAIZEN_GROUP"), "no entry of a lagging group")
    need(journal(f"MESSAGE_ID={READY_ID}") and journal(f"MESSAGE_ID={SETTINGS_ID}"), "ready or settings are missing")
    text = run("journalctl", "--no-pager", "-x", f"MESSAGE_ID={LINE_ADDED_ID}").stdout
    need("Subject: A line was added" in text and f"The line {LINE} is served from now on" in text, text)
    ours = [entry for entry in journal("-u", SERVICE) if entry.get("KAIZEN_EVENT")]
    need(all("MESSAGE_ID" in entry for entry in ours), str([e for e in ours if "MESSAGE_ID" not in e][:3]))
    complaints = [str(e["MESSAGE"]) for e in journal("-u", SERVICE) if "Failed to" in str(e["MESSAGE"])]
    # LimitNICE= of the unit takes effect only where this machine's root may raise limits.
    nice = next(line.split()[3] for line in open(f"/proc/{main_pid()}/limits") if line.startswith("Max nice"))
    need(nice == "0" or not complaints, f"{len(complaints)} complaints, such as: {complaints[:1]}")
    promoted = [entry for entry in ours if entry["KAIZEN_EVENT"] == "model_promoted"]
    need(promoted and promoted[-1].get("KAIZEN_MODEL") == "2", str(promoted))
    fields = sorted(name for name in promoted[-1] if name.startswith("KAIZEN_"))
    return f"{', '.join(fields)}; journalctl -x: A line was added"


@check("systemctl restart under load refuses no connection")
def restart():
    before = main_pid()
    with Load() as load:
        for _ in range(3):
            run("systemctl", "restart", SERVICE)
            load.more()
    need(main_pid() != before and active(), "the service was not restarted")
    return "3 restarts: " + load.told()


@check("kill -9 under load refuses no connection, and systemd starts it again")
def kill():
    restarts = int(shown("NRestarts")[0])
    with Load() as load:
        before = main_pid()
        os.kill(before, signal.SIGKILL)
        wait_for("a new process", lambda: active() and main_pid() not in (0, before))
        load.more()
    need(int(shown("NRestarts")[0]) == restarts + 1, f"NRestarts {shown('NRestarts')}")
    return load.told()


@check("a hung daemon is ended by the watchdog and started again")
def watchdog():
    folder = f"/run/systemd/system/{SERVICE}.d"
    os.makedirs(folder)
    with open(f"{folder}/test.conf", "w") as file:
        file.write("[Service]\nWatchdogSec=3s\nTimeoutAbortSec=3s\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", SERVICE)
    before, restarts = shown("MainPID", "NRestarts")
    time.sleep(5)
    need(shown("MainPID", "NRestarts") == [before, restarts], "the watchdog ended a daemon that serves")
    start = time.monotonic()
    os.kill(int(before), signal.SIGSTOP)
    wait_for("a new process", lambda: active() and shown("MainPID")[0] not in ("0", before))
    took = time.monotonic() - start
    messages = [str(entry["MESSAGE"]) for entry in journal("-u", SERVICE, "-n", "100")]
    need(any("Watchdog timeout" in text for text in messages), str(messages[-10:]))
    need("200" in health("anna").stdout, "it does not answer")
    os.remove(f"{folder}/test.conf")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", SERVICE)
    return f"left alone for 5 s while it served; stopped by SIGSTOP, serving again after {took:.1f} s (WatchdogSec=3s)"


@check("systemctl stop ends cleanly, and the next client starts it again")
def stop():
    run("systemctl", "stop", SERVICE)
    state, result, status = shown("ActiveState", "Result", "ExecMainStatus")
    need([state, result, status] == ["inactive", "success", "0"], f"{state} {result} {status}")
    need("200" in health("anna").stdout and active(), "no start by its socket")
    return "inactive, result success, exit 0; a connection to infer.sock started it and was answered"


@check("a wrong configuration at the start does not loop, and calls the alert")
def refused_start():
    with open("/etc/kaizend/conf.d/test.toml", "w") as file:
        file.write("no_such_key = 1\n")
    failed = run("systemctl", "restart", SERVICE, ok=False)
    state, status, restarts = shown("ActiveState", "ExecMainStatus", "NRestarts")
    os.remove("/etc/kaizend/conf.d/test.toml")
    need(failed.returncode != 0 and [state, status, restarts] == ["failed", "78", "0"], f"{state} {status} {restarts}")
    alert = wait_for("the alert", lambda: [e for e in journal("-t", "kaizend-alert") if SERVICE in str(e["MESSAGE"])])
    run("systemctl", "reset-failed", SERVICE)
    run("systemctl", "start", SERVICE)
    need(active() and ctl("lines")["lines"][0]["line"] == LINE, "it does not start again")
    return f"failed with 78, not restarted; alert: {alert[-1]['MESSAGE']}"


def main():
    failures = 0
    for name, function in checks:
        start = time.monotonic()
        try:
            told = function()
            print(f"ok    {name} [{time.monotonic() - start:.1f} s]: {told}", flush=True)
        except Exception as error:  # a check that fails in any way must not keep the others from being made
            failures += 1
            print(f"FAIL  {name} [{time.monotonic() - start:.1f} s]: {type(error).__name__}: {error}", flush=True)
    if failures:
        print(run("journalctl", "--no-pager", "-u", SERVICE, "-n", "40").stdout)
    version = run("systemctl", "--version").stdout.split("(")[1].split(")")[0]
    print(f"{len(checks) - failures} of {len(checks)} checks passed on systemd {version}")
    sys.exit(1 if failures else 0)


main()

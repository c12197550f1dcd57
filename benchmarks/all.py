"""Measures whole processes of the program: wall time, processor time, peak memory. See README.md."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KEPT = HERE.parent / "artifacts" / "benchmarks"


def cost(command, directory):
    """Runs a command and returns what it took: seconds of wall and processor, megabytes at the peak."""
    # Of each child apart: the peak of all children is that of the largest so far.
    begin = time.monotonic()
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{errors.decode()[-2000:]}")
    return {"wall": wall, "user": used.ru_utime, "sys": used.ru_stime, "peak": used.ru_maxrss / 1024}


def cases(jobs, points):
    """What is measured: name, how often, command, and what is removed before each time."""
    run = ["run", "reference", "--yes"]
    machine = ["cluster.workers=256", "cluster.worker.processors=4"]
    trace = ["workload=trace", "workload.file=t.swf", "scheduler.policy=easy"]
    estimated = ["workload=trace", "workload.file=e.swf"]
    site = ["--slurm-conf", "site/slurm.conf", "--gres-conf", "site/gres.conf", "--associations", "site/associations.cfg"]
    return [
        ("start: --version", 20, ["--version"], None),
        ("start: config show", 20, ["config", "show", "quickstart"], None),
        ("start: plan", 5, ["plan", "reference"], None),
        ("generate, 3 × SWF", 1, ["workload", "generate", "lublin", f"jobs={3 * jobs}", "processors=1024", "load=0.85", "seed=9", "--output", "t3.swf"], "t3.swf"),
        ("inspect, 3 × SWF", 3, ["workload", "inspect", "t3.swf"], None),
        ("generate, SWF", 2, ["workload", "generate", "lublin", f"jobs={jobs}", "processors=1024", "load=0.9", "seed=7", "--output", "t.swf"], "t.swf"),
        ("SWF to JSON lines", 2, ["workload", "convert", "t.swf", "t.jsonl"], "t.jsonl"),
        ("JSON lines to SWF", 2, ["workload", "convert", "t.jsonl", "u.swf"], "u.swf"),
        ("sample of a site", 1, ["site", "sample", "--output", "site", "--jobs", str(jobs), "--users", "2000"], "site"),
        ("sacct to SWF", 3, ["workload", "convert", "site/jobs.sacct", "s.swf", "--zone", "Europe/Berlin"], "s.swf"),
        ("site import", 2, ["site", "import", "--sacct", "site/jobs.sacct", *site, "--zone", "Europe/Berlin", "--key-file", "key", "--output", "conf/site/twin"], "conf"),
        ("run: trial, report", 2, [*run, *machine, *trace], "runs"),
        ("report", 2, ["report"], None),
        ("estimates, SWF", 1, ["workload", "transform", "t.swf", "estimates=tsafrir", "--output", "e.swf"], "e.swf"),
        ("plan: EASY", 2, ["plan", "reference", *machine, *estimated, "scheduler.policy=easy"], None),
        ("plan: conservative", 1, ["plan", "reference", *machine, *estimated, "scheduler.policy=conservative"], None),
        ("query", 2, ["query", "select partition_name, count(*), avg(wait_s) from jobs group by 1"], None),
        ("export, Parquet", 2, ["export", "--format", "parquet", "--output", "jobs.parquet"], "jobs.parquet"),
        (f"sweep, {points} points", 1, [*run, *machine, "workload=lublin", "workload.jobs=1000", f"seed=range(1,{points // 2 + 1})", "scheduler.policy=fcfs,easy"], "runs"),
    ]


def measure(programs, arguments):
    """All cases of each program, in order: later ones read what earlier ones wrote. Several programs take turns, each in a directory of its own."""
    results = [{} for _ in programs]
    directory = pathlib.Path(tempfile.mkdtemp(prefix="regatta-benchmarks-", dir=arguments.directory))
    try:
        places = [directory / str(i) for i in range(len(programs))]
        for place in places:
            place.mkdir()
            (place / "key").write_bytes(bytes(range(32)))
        for name, times, words, fresh in cases(arguments.jobs, arguments.points):
            if arguments.only and arguments.only not in name and words[0] not in ("workload", "site"):
                continue
            costs = [[] for _ in programs]
            for _ in range(times):
                for program, place, of in zip(programs, places, costs):
                    if fresh:
                        path = place / fresh
                        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
                    of.append(cost([program, *words], place))
            # The least of each: what else the machine does only adds.
            for result, of in zip(results, costs):
                result[name] = {key: round(min(one[key] for one in of), 4) for key in of[0]} | {"times": times}
            show(name, results[0][name], results[1][name] if len(programs) > 1 else None)
        for result, place in zip(results, places):
            pages = sorted(place.glob("runs/*/report/index.html"), key=lambda page: page.stat().st_mtime)
            if pages:
                result["page"] = {"bytes": pages[0].stat().st_size}
    finally:
        shutil.rmtree(directory)
    return results


def show(name, now, before):
    """One line of the table."""
    processor = now["user"] + now["sys"]
    line = f"{name:<22} {now['wall']:8.3f} s wall {now['user']:8.3f} s user {now['sys']:7.3f} s sys {now['peak']:7.0f} MB"
    if before:
        earlier = before["user"] + before["sys"]
        line += f"   {processor / earlier:5.2f} of the processor time, {now['peak'] / before['peak']:5.2f} of the memory"
    print(line, flush=True)


def last(against):
    """The measurement to compare with: the one that was named, else the last one kept."""
    if against:
        return json.loads(pathlib.Path(against).read_text())
    kept = sorted(KEPT.glob("*.json"))
    return json.loads(kept[-1].read_text()) if kept else None


def main():
    """Measures, prints, keeps and compares."""
    parser = argparse.ArgumentParser(prog="benchmarks/all.sh", description=__doc__)
    parser.add_argument("--program", default=HERE.parent / "artifacts" / "regatta" / "regatta", type=pathlib.Path, help="another built program")
    parser.add_argument("--beside", type=pathlib.Path, help="a second built program, measured in turn with the first and compared with it")
    parser.add_argument("--jobs", default=1_000_000, type=int, help="jobs of the large workloads")
    parser.add_argument("--points", default=200, type=int, help="points of the sweep")
    parser.add_argument("--only", help="only cases whose names hold this word, and those that they read")
    parser.add_argument("--against", help="a kept measurement to compare with, instead of the last")
    parser.add_argument("--directory", help="where the files go while it runs (2 GB)")
    parser.add_argument("--no-keep", action="store_true", help="do not keep this measurement")
    arguments = parser.parse_args()
    before = None if arguments.beside else last(arguments.against)
    programs = [program.resolve() for program in (arguments.program, arguments.beside) if program]
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False).stdout.strip()
    whole = {"commit": commit, "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "processors": os.cpu_count(), "kernel": platform.release(),
             "jobs": arguments.jobs, "load": os.getloadavg()[0]}
    whole["results"], *beside = measure(programs, arguments)
    if beside:
        whole["beside"] = beside[0]
    if before and before["jobs"] == arguments.jobs:
        print(f"\nbeside {before['commit'] or 'another program'} of {before['at']}:")
        for name, now in whole["results"].items():
            if name in before["results"] and "wall" in now:
                show(name, now, before["results"][name])
    if not arguments.no_keep:
        KEPT.mkdir(parents=True, exist_ok=True)
        path = KEPT / f"{whole['at'].replace(':', '').replace('+0000', '')}-{commit}.json"
        path.write_text(json.dumps(whole, indent=1) + "\n")
        print(f"\nkept as {path}")


if __name__ == "__main__":
    main()

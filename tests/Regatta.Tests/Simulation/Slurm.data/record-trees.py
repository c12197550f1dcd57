"""Records what sshare prints of random trees after jobs of random users, on the head of a Slurm with accounting and fair tree, as root.

usage: record-trees.py TREES SEED OUTPUT

Needs the account seed with the users u1 to u8, PriorityDecayHalfLife=0, and TRESBillingWeights=CPU=10000000.
"""
import random
import subprocess
import sys
import time

trees, seed, output = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
users = [f"u{i}" for i in range(1, 9)]


def run(*command, check=True, input=None):
    return subprocess.run(command, check=check, text=True, input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("waited too long")
        time.sleep(0.1)


cluster = run("sacctmgr", "-nP", "show", "cluster", "format=cluster").split()[0]
with open(output, "w") as out:
    for tree in range(trees):
        rng = random.Random(seed * 1000 + tree)
        accounts, lines = [], [f"Cluster - '{cluster}':Fairshare=1:QOS='normal'", "Parent - 'root'"]

        def share():
            return "parent" if rng.random() < 0.08 else str(rng.choice([0, 1, 1, 2, 3, 5, 10, 20]))

        def below(parent, depth):
            made = []
            for i in range(rng.randint(2, 4) if depth == 0 else rng.randint(1, 3)):
                name = f"t{tree}{'' if parent == 'root' else parent[len(f't{tree}'):]}{chr(97 + i)}"
                made.append(name)
                lines.append(f"Account - '{name}':Description='x':Organization='x':Fairshare={share()}")
            accounts.extend(made)
            for name in made:
                lines.append(f"Parent - '{name}'")
                for user in rng.sample(users, rng.randint(1, 4)):
                    lines.append(f"User - '{user}':DefaultAccount='seed':Fairshare={share()}")
                    members.append((user, name))
            for name in made:
                if depth < 2 and rng.random() < 0.4:
                    children.append((name, depth + 1))

        members, children = [], [("root", 0)]
        first = True
        while children:
            parent, depth = children.pop(0)
            if not first:
                lines.append(f"Parent - '{parent}'")
            first = False
            below(parent, depth)
        with open("/tmp/tree.cfg", "w") as file:
            file.write("\n".join(lines) + "\n")
        said = run("sacctmgr", "-i", "load", "file=/tmp/tree.cfg", check=False)
        assert "error" not in said.lower(), said
        for user, account in rng.sample(members, min(len(members), 10)):
            # The controller hears of new associations a moment later.
            job = ["-A", account, "-n", str(rng.choice([1, 1, 2, 2, 3, 4])), "--wrap", f"sleep {rng.choice([0.3, 1, 1.5, 2.2])}"]
            until(lambda: "error" not in run("sbatch", "-Q", f"--uid={user}", "-t", "1", "-D", "/tmp", "-o", "/dev/null", *job, check=False))
        until(lambda: not run("squeue", "-h").strip())
        # The factors of fair tree are made when the controller begins.
        run("systemctl", "restart", "slurmctld")
        until(lambda: "UP" in run("scontrol", "ping", check=False))
        until(lambda: len(run("sshare", "-alPn", check=False).splitlines()) > len(members))
        time.sleep(1)
        table = run("sshare", "-al", "-P")
        print(f"tree {tree}: {len(accounts)} accounts, {len(members)} users", flush=True)
        out.write(f"# tree {tree}\n{table}")
        out.flush()
        run("sacctmgr", "-i", "delete", "account", "where", "name=" + ",".join(accounts), check=False)

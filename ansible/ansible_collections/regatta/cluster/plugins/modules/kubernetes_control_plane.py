#!/usr/bin/python3
"""Makes this node the control plane by kubeadm, mends one that was left half made, and gives it changed settings."""

import glob
import grp
import hashlib
import os
import pwd
import shutil
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run, wait
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import ADMIN, IGNORED, Api, Fault, authority, healthy, last_lines

DOCUMENTATION = r"""
module: kubernetes_control_plane
short_description: Makes this node the control plane by kubeadm
description: >
  kubeadm init is not idempotent and can be cut short. When it has ended well, a marker keeps the hash of its
  configuration; what is there without a marker is reset first. A configuration that changed later is given to the
  control plane alone: certificates, data and nodes stay.
  Returns the fact kubernetes_authority, the hash of the authority's public key.
options:
  programs: {description: Folder of kubeadm., type: str, required: true}
  config: {description: kubeadm's configuration file., type: str, required: true}
  marker: {description: File that says that init has ended., type: str, required: true}
  audit_log: {description: The audit log, made before the API server opens it so that the user may read it., type: str, required: true}
  admin: {description: The administrator's kubeconfig that the user gets a copy of., type: str, required: true}
  user: {description: User that submits jobs., type: str, required: true}
  kubeconfig: {description: That user's kubeconfig., type: str, required: true}
  namespace: {description: Where jobs live., type: str, required: true}
  proxier: {description: Nodes may read what kube-proxy serves., type: bool, default: false}
  dns: {description: Services and pods have names., type: bool, default: false}
  node: {description: Name of this node., type: str, required: true}
  timeout: {description: Seconds until the control plane must answer., type: int, required: true}
author: Regatta
"""

MANIFESTS = "/etc/kubernetes/manifests"


def processes():
    """What runs on this node, by the name of the program: when it started, in seconds since 1970, and its words. Of several, the last that started."""
    found = {}
    with open("/proc/uptime") as file:
        booted = time.time() - float(file.read().split()[0])
    for folder in glob.glob("/proc/[0-9]*"):
        try:
            with open(folder + "/cmdline") as file:
                command = file.read().split("\0")
            with open(folder + "/stat") as file:
                ticks = int(file.read().rpartition(")")[2].split()[19])
        except (FileNotFoundError, ProcessLookupError):
            continue
        since = booted + ticks / os.sysconf("SC_CLK_TCK")
        name = os.path.basename(command[0])
        if name not in found or found[name][0] < since:
            found[name] = (since, command)
    return found


class ControlPlane:
    def __init__(self, module):
        self.module, self.params = module, module.params
        self.kubeadm = os.path.join(self.params["programs"], "kubeadm")
        self.limit = time.monotonic() + self.params["timeout"]
        self.done = []

    def left(self):
        return max(self.limit - time.monotonic(), 1)

    def begun(self):
        return os.path.exists(ADMIN) or bool(glob.glob(MANIFESTS + "/*")) or bool(glob.glob("/var/lib/etcd/*"))

    def wanted(self):
        with open(self.params["config"], "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def marked(self):
        if not os.path.exists(self.params["marker"]):
            return None
        with open(self.params["marker"]) as file:
            return file.read().strip()

    def mark(self):
        with open(self.params["marker"] + ".new", "w") as file:
            file.write(self.wanted() + "\n")
        os.rename(self.params["marker"] + ".new", self.params["marker"])

    def reset(self):
        code, output, error = run([self.kubeadm, "reset", "--force"], self.left())
        if code != 0:
            raise Fault("kubeadm reset failed", last_lines(output + error))
        # etcd's data is a mount in some setups, and what reset left of it would be taken for a cluster.
        for path in glob.glob("/var/lib/etcd/*"):
            shutil.rmtree(path, ignore_errors=True)
        self.done.append("reset what an init had left half done")

    def init(self):
        # kube-proxy is a unit where it is asked for (its container would need the image of a distribution); names come and go as they are wanted.
        command = [self.kubeadm, "init", "--config", self.params["config"], "--skip-token-print", "--skip-phases=addon", f"--ignore-preflight-errors={IGNORED}"]
        code, output, error = run(command, self.left())
        if code != 0:
            raise Fault("kubeadm init failed", last_lines(output + error, 25))
        self.done.append("init")

    def renew(self):
        before = {}
        for path in glob.glob(MANIFESTS + "/*.yaml"):
            with open(path) as file:
                before[path] = (file.read(), os.stat(path))
        for phase in ("control-plane", "etcd"):
            which = "all" if phase == "control-plane" else "local"
            code, output, error = run([self.kubeadm, "init", "phase", phase, which, "--config", self.params["config"]], self.left())
            if code != 0:
                raise Fault(f"kubeadm could not write the {phase}'s settings", last_lines(output + error))
        # kubeadm writes all of them; the kubelet starts anew what became another one.
        for path, (content, found) in before.items():
            with open(path) as file:
                same = file.read() == content
            if same:
                os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        self.done.append("settings")

    def prepare_audit(self):
        path = self.params["audit_log"]
        if os.path.exists(path):
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640), "w"):
            os.chown(path, 0, grp.getgrnam(self.params["user"]).gr_gid)

    def started(self):
        """The programs that the manifests ask for run with what the manifests say. The API would tell of it ten seconds later."""
        healthy(Api())
        running = processes()
        for path in sorted(glob.glob(MANIFESTS + "/*.yaml")):
            name = os.path.basename(path)[: -len(".yaml")]
            with open(path) as file:
                flags = [line.strip()[2:].strip("'\"") for line in file if line.strip().startswith("- --") or line.strip().startswith("- '--")]
            if name not in running:
                raise Fault(f"{name} does not run")
            since, command = running[name]
            # Starts are counted in hundredths of a second.
            if not set(flags) <= set(command) or since + 0.1 < os.stat(path).st_mtime:
                raise Fault(f"{name} does not run with what its manifest says yet")

    def share(self):
        """The user's copy of the administrator's kubeconfig."""
        path, entry = self.params["kubeconfig"], pwd.getpwnam(self.params["user"])
        with open(self.params["admin"]) as file:
            content = file.read()
        if os.path.exists(path):
            with open(path) as file:
                found = os.stat(path)
                if file.read() == content and (found.st_uid, found.st_mode & 0o777) == (entry.pw_uid, 0o600):
                    return
        with open(os.open(path + ".new", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
        os.chown(path + ".new", entry.pw_uid, entry.pw_gid)
        os.rename(path + ".new", path)
        self.done.append("kubeconfig")

    def namespace(self):
        name = self.params["namespace"]
        if Api().create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}):
            self.done.append(f"namespace {name}")

    def allow_proxies(self):
        """kube-proxy runs as a unit with the node's own certificate."""
        path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
        binding = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "regatta:node-proxier"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:node-proxier"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:nodes"}],
        }
        if self.params["proxier"] and Api().create(path, binding):
            self.done.append("rights of kube-proxy")

    def names(self):
        """The server of names, on the head: the workers' processors are the jobs'."""
        api = Api()
        path = "/apis/apps/v1/namespaces/kube-system/deployments/coredns"
        if not self.params["dns"]:
            if api.delete(path):
                api.delete("/api/v1/namespaces/kube-system/services/kube-dns")
                self.done.append("no server of names")
            return
        found = api.get(path)
        if not found:
            code, output, error = run([self.kubeadm, "init", "phase", "addon", "coredns", "--config", self.params["config"]], self.left())
            if code != 0:
                raise Fault("kubeadm could not add the server of names", last_lines(output + error))
            self.done.append("server of names")
            found = api.get(path)
        here = {"kubernetes.io/hostname": self.params["node"]}
        pod = found["spec"]["template"]["spec"]
        if not here.items() <= pod.get("nodeSelector", {}).items():
            wanted = {"spec": {"replicas": 1, "template": {"spec": {"nodeSelector": here}}}}
            status, answer = api.call("PATCH", path, wanted, "application/merge-patch+json")
            api.require(status, answer, path)

    def ensure(self):
        marked, wanted = self.marked(), self.wanted()
        if self.module.check_mode:
            if marked != wanted:
                self.done.append("init" if marked is None else "settings")
            return
        self.prepare_audit()
        if marked is None:
            if self.begun():
                self.reset()
            self.init()
        elif marked != wanted:
            self.renew()
        run(["systemctl", "enable", "--quiet", "--no-reload", "kubelet"])
        code, _, error = run(["systemctl", "start", "kubelet"])
        if code != 0:
            raise Fault("kubelet does not start", error)
        wait(self.started, self.limit)
        self.share()
        wait(self.namespace, self.limit)
        wait(self.allow_proxies, self.limit)
        wait(self.names, self.limit)
        if marked != wanted:
            self.mark()


def main():
    module = AnsibleModule(
        argument_spec={
            "programs": {"type": "str", "required": True},
            "config": {"type": "str", "required": True},
            "marker": {"type": "str", "required": True},
            "audit_log": {"type": "str", "required": True},
            "admin": {"type": "str", "required": True},
            "user": {"type": "str", "required": True},
            "kubeconfig": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "proxier": {"type": "bool", "default": False},
            "dns": {"type": "bool", "default": False},
            "node": {"type": "str", "required": True},
            "timeout": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    plane = ControlPlane(module)
    began = time.monotonic()
    try:
        plane.ensure()
    except Fault as fault:
        _, journal, _ = run(["journalctl", "--no-pager", "-o", "cat", "-n", "15", "-u", "kubelet"])
        module.fail_json(msg=f"the control plane is not up after {time.monotonic() - began:.0f} s: {fault}", stderr=fault.detail, stdout=last_lines(journal))
    module.exit_json(changed=bool(plane.done), done=plane.done, ansible_facts={"kubernetes_authority": authority()})


if __name__ == "__main__":
    main()

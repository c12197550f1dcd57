"""What the modules for Kubernetes share: its API over plain HTTPS, and programs whose output may hold a token."""

import base64
import hashlib
import http.client
import json
import os
import re
import ssl
import subprocess
import tempfile
import urllib.parse

from ansible_collections.regatta.cluster.plugins.module_utils.common import NotReady, run

ADMIN = "/etc/kubernetes/admin.conf"
# Hosts differ in what these look at; what a cluster needs of them is checked by a pod that runs on every node.
IGNORED = "ImagePull,Mem,NumCPU,Swap,SystemVerification,FileContent--proc-sys-net-bridge-bridge-nf-call-iptables,FileContent--proc-sys-net-ipv4-ip_forward"
CTR = ["ctr", "--namespace", "k8s.io"]
TOKEN = re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b")


class Fault(NotReady):
    """What went wrong; the lines behind it show no token."""

    def __init__(self, text, detail=""):
        super().__init__(text, without_tokens(detail))


def without_tokens(text):
    return TOKEN.sub("[token]", text or "")


def last_lines(text, count=15):
    """The end of what a program printed; kubeadm's errors alone where there are some, without its colours."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", without_tokens(text)).strip().splitlines()
    errors = [line.strip() for line in lines if line.strip().startswith(("[ERROR ", "error execution"))]
    return "\n".join(errors or lines[-count:])


def ctr(*words):
    """What containerd's client prints, by lines."""
    code, output, error = run([*CTR, *words])
    if code != 0:
        raise Fault("containerd does not answer", error)
    return output.splitlines()


def first_existing(paths):
    return next((path for path in paths if os.path.exists(path)), None)


def authority(path="/etc/kubernetes/pki/ca.crt"):
    """sha256 of the DER form of the authority's public key, which kubeadm pins; empty when there is none."""
    if not os.path.exists(path):
        return ""
    try:
        key = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-pubkey"], capture_output=True, check=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, capture_output=True, check=True).stdout
    except subprocess.CalledProcessError:
        return ""
    return "sha256:" + hashlib.sha256(der).hexdigest()


class Api:
    """The API server, as the administrator of a kubeconfig with embedded certificates, over one kept connection."""

    def __init__(self, kubeconfig=ADMIN):
        with open(kubeconfig) as file:
            text = file.read()

        def value(key):
            return re.search(rf"^\s*{key}: (\S+)$", text, re.MULTILINE).group(1)

        self.address = urllib.parse.urlsplit(value("server"))
        authority = base64.b64decode(value("certificate-authority-data")).decode()
        self.context = ssl.create_default_context(cadata=authority)
        with tempfile.NamedTemporaryFile("wb", dir="/run") as file:
            file.write(base64.b64decode(value("client-certificate-data")) + base64.b64decode(value("client-key-data")))
            file.flush()
            self.context.load_cert_chain(file.name)
        self.connection = None

    def call(self, method, path, body=None, kind="application/json"):
        """Status and answer; a JSON answer is parsed."""
        text = None if body is None else json.dumps(body)
        for again in (True, False):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPSConnection(self.address.hostname, self.address.port, context=self.context, timeout=15)
                self.connection.request(method, path, text, {"Content-Type": kind} if text else {})
                response = self.connection.getresponse()
                answer = response.read().decode()
                break
            except (OSError, http.client.HTTPException) as error:
                self.connection = None
                if not again:
                    raise Fault(f"the API server does not answer at {self.address.netloc}", str(error)) from error
        try:
            return response.status, json.loads(answer)
        except ValueError:
            return response.status, answer

    def get(self, path):
        """What there is at a path, or None."""
        status, answer = self.call("GET", path)
        if status == 404:
            return None
        return self.require(status, answer, path)

    def create(self, path, body):
        """Makes an object; True when it was not there before."""
        status, answer = self.call("POST", path, body)
        if status == 409:
            return False
        self.require(status, answer, path)
        return True

    def delete(self, path, options=None):
        """Removes what there is at a path; True when there was something."""
        status, answer = self.call("DELETE", path, options)
        if status == 404:
            return False
        self.require(status, answer, path)
        return True

    @staticmethod
    def require(status, answer, path):
        if status >= 300:
            message = answer.get("message", "") if isinstance(answer, dict) else answer
            raise Fault(f"the API server answers {status} for {path}", message)
        return answer


def healthy(api):
    status, answer = api.call("GET", "/readyz")
    if status != 200:
        raise Fault("the API server is not ready", str(answer))

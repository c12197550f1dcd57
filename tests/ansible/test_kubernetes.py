"""kubernetes_join, kubernetes_node, volcano_install and volcano_ready: texts of kubeadm, names of images, manifests, queues."""

import io
import json
import tarfile

import pytest


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            'cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:0f" are pinned',
            "the control plane's certificate is not signed by the authority that the cluster was made with",
        ),
        ('could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"', "the control plane does not know the token, or it has expired"),
        ("dial tcp 10.0.0.1:6443: connect: connection refused", "the control plane does not answer"),
        ("something else", "kubeadm join failed"),
    ],
)
def test_why_a_node_did_not_join(load, output, reason):
    assert load("kubernetes_join").reason(output) == reason


def test_the_schedulers_configuration_is_read_back_from_the_file_that_it_runs_with(load, tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "KubeSchedulerConfiguration", "leaderElection": {"leaderElect": False}, "podMaxBackoffSeconds": 1}))

    assert load("kubernetes_ready").configured(str(file)) == {"KubeSchedulerConfiguration.podMaxBackoffSeconds": "1"}


class Pods:
    """The control plane's pods, as the API server tells of them."""

    def __init__(self, items):
        self.items = items

    def get(self, path):
        return {"items": self.items}


def component(name, image, *flags):
    return {"metadata": {"labels": {"component": name}}, "spec": {"containers": [{"image": image, "command": [name, *flags]}]}}


def test_settings_are_those_of_the_running_pods_and_name_the_version_of_etcd(load):
    pods = Pods(
        [
            component("etcd", "localhost/kubernetes/etcd:3.5.30", "--quota-backend-bytes=1"),
            component("kube-apiserver", "a:1", "--feature-gates=GenericWorkload=true", "--advertise-address=10.0.0.1"),
            component("kube-controller-manager", "c:1"),
            component("kube-scheduler", "s:1"),
        ]
    )

    assert load("kubernetes_ready").settings(pods) == {
        "etcd.quota-backend-bytes": "1",
        "etcd.version": "3.5.30",
        "kube-apiserver.feature-gates": "GenericWorkload=true",
    }


def archive(path, name, content):
    with tarfile.open(path, "w") as file:
        data = json.dumps(content).encode()
        member = tarfile.TarInfo(name)
        member.size = len(data)
        file.addfile(member, io.BytesIO(data))


def test_images_are_named_by_what_docker_saved(load, tmp_path):
    archive(tmp_path / "a.tar", "manifest.json", [{"RepoTags": ["registry.example/kube-apiserver-amd64:v1.31.2"]}, {"RepoTags": None}])

    assert load("kubernetes_node").images([str(tmp_path)], "localhost/own") == {
        "kube-apiserver": {
            "archive": str(tmp_path / "a.tar"),
            "tag": "registry.example/kube-apiserver-amd64:v1.31.2",
            "image": "localhost/own/kube-apiserver:v1.31.2",
            "version": "v1.31.2",
        }
    }


def test_images_are_named_by_what_containerd_exported(load, tmp_path):
    archive(tmp_path / "a.tar", "index.json", {"manifests": [{"annotations": {"io.containerd.image.name": "localhost/regatta/etcd:3.5.16"}}, {}]})

    assert load("kubernetes_node").images([str(tmp_path)], "localhost/own")["etcd"]["image"] == "localhost/regatta/etcd:3.5.16"


def test_an_archive_without_names_has_no_images(load, tmp_path):
    archive(tmp_path / "a.tar", "layer.json", {})

    assert load("kubernetes_node").images([str(tmp_path)], "localhost/own") == {}


def test_the_kinds_of_volcano_are_cut_out_of_its_manifest(load, tmp_path):
    volcano = load("volcano_install")
    parts = [f"\nkind: {kind}\nmetadata: {{name: {kind.lower()}}}\n" for kind in ("CustomResourceDefinition", "Deployment", "Namespace")]
    (tmp_path / "volcano-development.yaml").write_text("---".join(parts))

    chosen = volcano.manifest(str(tmp_path))

    assert "kind: CustomResourceDefinition" in chosen
    assert "kind: Deployment" not in chosen


def test_a_payload_without_volcano_s_manifest_is_a_fault(load, tmp_path):
    volcano = load("volcano_install")

    with pytest.raises(volcano.Fault, match="has no installer manifest"):
        volcano.manifest(str(tmp_path))
    (tmp_path / "volcano.yaml").write_text("kind: Deployment\n")
    with pytest.raises(volcano.Fault, match="defines no kinds of objects"):
        volcano.manifest(str(tmp_path))


def test_an_image_without_volcano_says_how_to_bring_it_in(load, tmp_path):
    volcano = load("volcano_install")

    with pytest.raises(volcano.Fault, match="there is no Volcano under") as raised:
        volcano.programs(str(tmp_path))
    assert "--payload volcano=SOURCE" in raised.value.detail


class Queues:
    """The part of the API that queues need."""

    def __init__(self, items):
        self.items = items
        self.made = []

    def get(self, path):
        return {"items": self.items}

    def create(self, path, content):
        self.made.append(content)


def test_a_queue_that_is_as_it_is_wanted_is_left_alone(load):
    volcano = load("volcano_ready")
    # The API server answers with quantities as numbers, and with more than was asked for.
    api = Queues([{"metadata": {"name": "batch"}, "spec": {"weight": 2, "reclaimable": True, "capability": {"cpu": 4}, "guarantee": {}}}])

    assert volcano.ensure_queues(api, [{"name": "batch", "weight": "2", "capability": {"cpu": "4"}}], True) == []


def test_a_queue_that_is_missing_is_made_but_not_in_check_mode(load):
    volcano = load("volcano_ready")
    api = Queues([])

    assert volcano.ensure_queues(api, [{"name": "batch"}], False) == ["queue batch"]
    assert api.made == []
    assert volcano.ensure_queues(api, [{"name": "batch"}], True) == ["queue batch"]
    assert api.made[0]["spec"] == {"weight": 1, "reclaimable": True}

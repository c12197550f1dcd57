using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Clusters and their nodes.</summary>
internal static class MachineCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("ansible-failed", Failed, "A playbook failed", "Read the task and its words in the detail"),
        new("ansible-missing", Lacking, "Ansible is not on this host", "regatta doctor --fix"),
        new("ansible-task-failed", Failed, "A task of a playbook failed on a node", "Read its words in the detail; the whole log is named"),
        new("ansible-unreachable", Failed, "A node could not be reached in the midst of a playbook", "Look at the node: regatta cluster status, regatta cluster ssh NODE"),
        new("ansible-role-report", Failed, "A role did not report what it configured", "Look at the role; its report is part of its contract"),
        new("cluster-exists", Input, "There is a cluster of this name", "Choose another name, or take it down"),
        new("cluster-file", Failed, "A file of a cluster cannot be read", "regatta reap removes what is left"),
        new("cluster-head", Input, "A cluster has exactly one head", "Give one node the role head"),
        new("cluster-name", Input, "The name does not fit a cluster", "At most 24 letters, digits and hyphens"),
        new("cluster-not-up", Failed, "The cluster is not up", "Wait, or regatta reap"),
        new("cluster-size", Input, "Too many nodes for a cluster's network", "Take fewer nodes"),
        new("cluster-unknown", Input, "There is no such cluster", "regatta cluster list"),
        new("cluster-which", Input, "There are several clusters, or none", "Name one"),
        new("cluster-workers", Input, "A cluster needs a worker", "Ask for at least one"),
        new("host-in-use", Failed, "Clusters still run", "Take them down first"),
        new("host-key", Input, "A host key is no public key", "Write it as in known_hosts"),
        new("host-key-unknown", Input, "The host key of a node is not known", "Give host_key, or connect once by hand"),
        new("image-missing", Input, "The cluster needs an image", "regatta image build"),
        new("image-root", Input, "The manifest does not name the root file system's hash", "Build the image again"),
        new("libvirt", Failed, "libvirt refused", "Read its words in the detail"),
        new("libvirt-connect", Lacking, "libvirt cannot be connected to", "regatta doctor --fix"),
        new("libvirt-absent", Lacking, "libvirt does not answer", "regatta doctor --fix"),
        new("libvirt-start", Lacking, "libvirtd did not start", "Look at its log"),
        new("libvirt-uri", Input, "Not a libvirt of this host", "Name a local one"),
        new("node-host", Input, "A node has no host to connect to", "Give its address"),
        new("node-memory", Input, "A node has too little memory", "Give it more"),
        new("node-name", Input, "The name does not fit a node", "At most 24 letters, digits and hyphens"),
        new("node-processors", Input, "A node has too few processors", "Give it at least 1"),
        new("node-processes", Failed, "Processes of a removed cluster do not end", "Look at what they wait for, then regatta reap"),
        new("node-twice", Input, "Two nodes have one name", "Give each its own"),
        new("node-unknown", Input, "The cluster has no such node", "regatta cluster show lists them"),
        new("node-unreachable", Failed, "A node did not come up or cannot be reached", "Look at its console log"),
        new("subnet-none", Lacking, "Every network is taken", "Take clusters down"),
    ];
}

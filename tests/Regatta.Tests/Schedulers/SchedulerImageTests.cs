using System.Net;
using System.Text.Json.Nodes;
using Regatta.Ansible;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Tests.Images;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>Which scheduler an image holds is read from its manifest, whatever the image is called.</summary>
public sealed class SchedulerImageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("regatta-image-");

    public static TheoryData<string> Names => [.. KnownSchedulers.All.Select(s => s.Name)];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scheduler_is_in_its_own_image_and_in_no_other_of_the_checkout(string name)
    {
        var scheduler = KnownSchedulers.Find(name);
        var catalog = new ImageCatalog(Path.Combine(Repository.Root, "images"));

        Assert.All(catalog.Roles(), role => Assert.Equal(role.Name.Split('@', '-')[0] == scheduler.Image.Split('@')[0], scheduler.IsIn(Manifest(role.Name, [.. catalog.Lock(role).Packages.Select(p => p.Name)], [.. role.Payloads.Where(p => !p.Optional).Select(p => p.Name)]))));
    }

    [Fact]
    public void Kubernetes_has_the_version_of_its_payload_or_of_what_is_compiled()
    {
        var catalog = new ImageCatalog(Path.Combine(Repository.Root, "images")) { PayloadLocks = _folder.FullName };
        var role = catalog.Role("kubernetes");
        string? Version() => KnownSchedulers.Find("kubernetes").VersionIn(ImageContents.Known(catalog, role));

        Assert.Equal("1.20.2", Version());
        File.WriteAllText(catalog.PayloadLockPath("kubernetes"), $$"""
            {"version":1,"image":"kubernetes","payloads":[{"name":"kubernetes","prefix":"/opt/kubernetes","version":"1.36.2","kind":"archive","source":"/k.tar","size":1,"sha256":"{{new string('0', 64)}}"}]}
            """);
        Assert.Equal("1.36.2", Version());
    }

    [Fact]
    public void Where_debian_has_no_sources_of_kubernetes_its_image_needs_a_release()
    {
        var catalog = new ImageCatalog(Path.Combine(Repository.Root, "images")) { PayloadLocks = _folder.FullName };

        var fault = Assert.Throws<DiagnosticException>(() => catalog.Payloads(catalog.Role("kubernetes@trixie"))).Diagnostics.Single();

        Assert.Equal("payload-missing", fault.Code);
        Assert.StartsWith("image 'kubernetes@trixie' needs a release of Kubernetes", fault.Summary, StringComparison.Ordinal);
        Assert.Empty(catalog.Payloads(catalog.Role("kubernetes")));
    }

    [Fact]
    public void The_scheduler_of_an_image_is_found_by_what_the_image_holds()
    {
        Assert.Equal("slurm", KnownSchedulers.OfImage(Manifest("mine", ["slurmctld", "slurmd"]))!.Name);
        Assert.Equal("flux", KnownSchedulers.OfImage(Manifest("mine", ["bash"], ["flux"]))!.Name);
        Assert.Null(KnownSchedulers.OfImage(Manifest("slurm", ["bash"])));
        Assert.Null(KnownSchedulers.OfImage(null));
    }

    [Fact]
    public void Nodes_whose_image_holds_another_scheduler_are_refused()
    {
        var cluster = Cluster("mine", ["containerd", "etcd-server"]);

        Assert.Equal(
            "error[cluster-image]: the nodes of race have the image 'mine', which holds kubernetes and not slurm\n  help: regatta cluster up --image slurm@trixie makes such nodes",
            Assert.Throws<DiagnosticException>(() => Configure(cluster, "slurm")).Message);
        Assert.NotNull(Configure(cluster with { Machines = MachineKind.Ssh }, "volcano"));
    }

    [Fact]
    public void What_an_image_without_a_known_scheduler_holds_is_left_to_who_made_it()
    {
        Assert.NotNull(Configure(Cluster("mine", ["bash"]), "slurm"));

        File.Delete(Path.Combine(_folder.FullName, "image.json"));
        Assert.NotNull(Configure(Cluster(), "slurm"));
    }

    [Fact]
    public void A_kept_manifest_that_was_damaged_is_named()
    {
        var cluster = Cluster("mine", ["bash"]);
        File.WriteAllText(Path.Combine(_folder.FullName, "image.json"), "{}");

        var faults = Assert.Throws<DiagnosticException>(() => ClusterImage.Of(cluster)).Diagnostics;

        Assert.Contains(("image-contract", "'image.json': packages: is missing"), faults.Select(d => (d.Code, d.Summary)));
    }

    private static Inventory Configure(Cluster cluster, string scheduler) =>
        ClusterConfigurator.InventoryOf(new ConfigurationRequest(cluster, KnownSchedulers.Find(scheduler), new SchedulerOptions("fifo"), "/nowhere"));

    private Cluster Cluster(string image, string[] packages)
    {
        Manifest(image, packages);
        File.Copy(Path.Combine(_folder.FullName, "image", "manifest.json"), Path.Combine(_folder.FullName, "image.json"), overwrite: true);
        return Cluster();
    }

    [Fact]
    public void The_agent_finds_Flux_where_the_payload_of_the_nodes_was_built_for()
    {
        var flux = KnownSchedulers.Find("flux");
        Assert.False(flux.AgentOptions(Cluster(), new SchedulerOptions("fifo")).ContainsKey("prefix"));

        Manifest("flux", [], ["flux"]);
        File.Copy(Path.Combine(_folder.FullName, "image", "manifest.json"), Path.Combine(_folder.FullName, "image.json"));

        Assert.Equal("/opt/flux", flux.AgentOptions(Cluster(), new SchedulerOptions("fifo"))["prefix"]);
    }

    private Cluster Cluster() => new()
    {
        Name = "race",
        RunId = "run",
        Machines = MachineKind.Lxc,
        Directory = _folder.FullName,
        Nodes = [Node("head", NodeRole.Head, 1), Node("worker1", NodeRole.Worker, 2)],
    };

    private static Node Node(string name, NodeRole role, byte address) => new(name, role, new IPAddress([10, 0, 0, address]), 22, "root", "", 2, 8L << 30);

    private ImageManifest Manifest(string name, string[] packages, string[]? payloads = null)
    {
        var zeros = new string('0', 64);
        return ImageContract.Read(ImageDirectories.Write(Path.Combine(_folder.FullName, "image"), manifest =>
        {
            manifest["name"] = name;
            manifest["packages"] = new JsonArray([.. packages.Select(p => (JsonNode)new JsonObject { ["name"] = p, ["version"] = "1", ["architecture"] = "amd64", ["sha256"] = zeros })]);
            manifest["payloads"] = new JsonArray([.. (payloads ?? []).Select(p => (JsonNode)new JsonObject { ["name"] = p, ["prefix"] = "/opt/" + p, ["version"] = "1", ["kind"] = "directory", ["sha256"] = zeros })]);
        })).Manifest;
    }
}

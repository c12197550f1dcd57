using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm.Sites;

/// <summary>The nodes and partitions of slurm.conf: nodes that are alike in every respect are one kind.</summary>
/// <param name="Kinds">The kinds of nodes, in the order in which they come.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record SlurmMachine(ImmutableArray<SiteNodeKind> Kinds, ImmutableArray<SitePartition> Partitions)
{
    private const string Default = "DEFAULT";

    // What says which nodes and where they are; all else of a node is its shape.
    private static readonly string[] OfPartition = ["PartitionName", "Nodes"];

    private sealed record Shape(int Processors, long? Memory, string Features, string? Gres, int Weight);

    /// <summary>Reads them.</summary>
    /// <param name="lines">The lines of slurm.conf.</param>
    /// <param name="gres">The lines of gres.conf.</param>
    /// <param name="source">Name of slurm.conf.</param>
    /// <param name="faults">Takes what is odd.</param>
    /// <exception cref="DiagnosticException">There are no nodes, or their names cannot be read (<c>site-nodes</c>).</exception>
    public static SlurmMachine Of(IReadOnlyList<SlurmConfLine> lines, IReadOnlyList<SlurmConfLine> gres, string source, List<Diagnostic> faults)
    {
        var shapes = new OrderedDictionary<string, Shape>(StringComparer.Ordinal);
        var devices = Devices(gres);
        foreach (var (line, settings) in Named(lines, "NodeName"))
        {
            foreach (var node in Expand(line["NodeName"]!, line.Where)) shapes[node] = ShapeOf(settings, devices.GetValueOrDefault(node) ?? devices.GetValueOrDefault(""));
        }

        if (shapes.Count == 0) throw SlurmConf.Fault("site-nodes", $"{source} has no NodeName line", new SourceRange(source), "give the slurm.conf of the controller, with the files that it includes beside it");
        var sets = Named(lines, "NodeSet").ToDictionary(set => set.Line["NodeSet"]!, set => SetOf(set.Line, shapes), StringComparer.OrdinalIgnoreCase);
        var members = new List<(string Name, HashSet<string> Nodes, ImmutableSortedDictionary<string, string> Settings)>();
        foreach (var (line, settings) in Named(lines, "PartitionName"))
        {
            var name = line["PartitionName"]!;
            var nodes = Members(settings.GetValueOrDefault("Nodes"), shapes, sets, line.Where, out var strangers);
            if (strangers.Count > 0) faults.Add(Diagnostic.Warning("site-partition-nodes", $"the partition {name} names nodes that slurm.conf does not have: {string.Join(", ", strangers.Take(10))}") with { Where = line.Where, Help = "they are left out; check the NodeName lines" });
            if (nodes.Count == 0)
            {
                faults.Add(Diagnostic.Warning("site-partition-empty", $"the partition {name} has no nodes and is left out") with { Where = line.Where, Help = "jobs that asked for it keep its name, and no cluster can run them there" });
                continue;
            }

            members.RemoveAll(other => other.Name == name);
            members.Add((name, nodes, settings.RemoveRange(OfPartition)));
        }

        // Nodes of one kind stay together whatever share of them the cluster has, so that each partition keeps its share.
        var kinds = shapes.GroupBy(node => (node.Value, In: string.Join(',', members.Where(member => member.Nodes.Contains(node.Key)).Select(member => member.Name)))).ToList();
        var named = kinds.Select((kind, place) => (Kind: new SiteNodeKind(Letters(place), kind.Count(), kind.Key.Value.Processors, kind.Key.Value.Memory,
            [.. kind.Key.Value.Features.Split(',', StringSplitOptions.RemoveEmptyEntries)], kind.Key.Value.Gres, kind.Key.Value.Weight), First: kind.First().Key)).ToList();
        return new SlurmMachine([.. named.Select(pair => pair.Kind)], [.. members.Select(member => new SitePartition(member.Name, [.. named.Where(pair => member.Nodes.Contains(pair.First)).Select(pair => pair.Kind.Name)], member.Settings))]);
    }

    /// <summary>Lines of one kind with all their settings, those of the DEFAULT lines before them included.</summary>
    private static IEnumerable<(SlurmConfLine Line, ImmutableSortedDictionary<string, string> Settings)> Named(IReadOnlyList<SlurmConfLine> lines, string key)
    {
        var defaults = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Where(line => line.First.Equals(key, StringComparison.OrdinalIgnoreCase)))
        {
            var settings = defaults.SetItems(line.Pairs.Skip(1).Select(pair => KeyValuePair.Create(pair.Key, pair.Value)));
            if (line.Pairs[0].Value.Equals(Default, StringComparison.OrdinalIgnoreCase)) defaults = settings;
            else yield return (line, settings);
        }
    }

    private static Shape ShapeOf(ImmutableSortedDictionary<string, string> settings, string? devices)
    {
        int Number(string key, int otherwise) => int.TryParse(settings.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : otherwise;
        var sockets = settings.ContainsKey("Sockets") ? Number("Sockets", 1) : Number("SocketsPerBoard", 1) * Number("Boards", 1);
        var processors = Number("CPUs", Number("Procs", sockets * Number("CoresPerSocket", 1) * Number("ThreadsPerCore", 1)));
        var memory = Number("RealMemory", 0);
        return new Shape(processors, memory > 0 ? (long)memory << 20 : null, settings.GetValueOrDefault("Features") ?? settings.GetValueOrDefault("Feature") ?? "", GresOf(settings.GetValueOrDefault("Gres"), devices), Number("Weight", 1));
    }

    /// <summary>The devices of a node: those of slurm.conf, with the types of gres.conf where it names none.</summary>
    private static string? GresOf(string? text, string? devices)
    {
        if (text is null or "") return null;
        // gpu:tesla:2(S:0) and gpu:no_consume:4K are told without what they say of sockets and shares.
        var plain = text.Split(',').Select(part => part.Split('(')[0].Replace(":no_consume", "", StringComparison.OrdinalIgnoreCase)).Select(part => part.Split(':') switch
        {
            [var name] => $"{name}:1",
            [var name, var type] when !char.IsAsciiDigit(type[0]) => $"{name}:{type}:1",
            _ => part,
        });
        var listed = GenericResource.Parse(string.Join(',', plain)).ToList();
        var types = GenericResource.Parse(devices).ToLookup(device => device.Name, StringComparer.Ordinal);
        return GenericResource.Text(listed.SelectMany(resource => resource.Type is null && types[resource.Name].Sum(device => device.Count) == resource.Count ? types[resource.Name] : [resource]));
    }

    /// <summary>The devices of gres.conf by node; those that it says of all nodes by the empty name.</summary>
    private static Dictionary<string, string> Devices(IReadOnlyList<SlurmConfLine> lines)
    {
        var devices = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (line["Name"] is not { } name) continue;
            var count = line["File"] is { } files ? HostList.Expand(files).Length : int.TryParse(line["Count"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 1;
            var resource = string.Create(CultureInfo.InvariantCulture, $"{name}{(line["Type"] is { } type ? ":" + type : "")}:{Math.Max(1, count)}");
            foreach (var node in line["NodeName"] is { } nodes ? HostList.Expand(nodes) : [""]) devices[node] = devices.TryGetValue(node, out var before) ? $"{before},{resource}" : resource;
        }

        return devices;
    }

    private static HashSet<string> SetOf(SlurmConfLine line, OrderedDictionary<string, Shape> shapes)
    {
        var nodes = line["Nodes"] is { } list ? Expand(list, line.Where).ToHashSet(StringComparer.Ordinal) : [];
        if (line["Feature"] is { } feature) nodes.UnionWith(shapes.Where(node => node.Value.Features.Split(',').Contains(feature, StringComparer.Ordinal)).Select(node => node.Key));
        return nodes;
    }

    private static HashSet<string> Members(string? list, OrderedDictionary<string, Shape> shapes, Dictionary<string, HashSet<string>> sets, SourceRange where, out List<string> strangers)
    {
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        strangers = [];
        if (list is null or "") return nodes;
        foreach (var name in Expand(list, where))
        {
            if (name.Equals("ALL", StringComparison.OrdinalIgnoreCase)) nodes.UnionWith(shapes.Keys);
            else if (sets.TryGetValue(name, out var set)) nodes.UnionWith(set);
            else if (shapes.ContainsKey(name)) nodes.Add(name);
            else strangers.Add(name);
        }

        return nodes;
    }

    private static ImmutableArray<string> Expand(string list, SourceRange where) => HostList.Expand(list) is { IsEmpty: false } names ? names
        : throw SlurmConf.Fault("site-nodes", $"'{list}' is no list of nodes", where, "a list is names with commas between, with ranges such as r[1-4]n[01-36]");

    /// <summary>a, b, …, z, aa, ab, …</summary>
    private static string Letters(int number) => number < 26 ? ((char)('a' + number)).ToString() : Letters((number / 26) - 1) + (char)('a' + (number % 26));
}

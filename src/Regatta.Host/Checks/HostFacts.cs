namespace Regatta.Host.Checks;

/// <summary>Whether a guest of the image's kind boots with KVM on this host.</summary>
public enum KvmVerdict
{
    /// <summary>Nobody tried since the host started.</summary>
    Untried,

    /// <summary>There is no <c>/dev/kvm</c>.</summary>
    Absent,

    /// <summary>A guest was started and did not boot.</summary>
    Fails,

    /// <summary>A guest booted.</summary>
    Works,
}

/// <summary>What the checks look at; apart from them, so that they can be tried on hosts that are not there.</summary>
public sealed record HostFacts
{
    /// <summary>True for root.</summary>
    public required bool Root { get; init; }

    /// <summary>True where systemd is the first process.</summary>
    public required bool Systemd { get; init; }

    /// <summary>True where <c>apt-get</c> installs packages.</summary>
    public required bool Apt { get; init; }

    /// <summary>Says whether a program is there, by name.</summary>
    public required Func<string, bool> HasProgram { get; init; }

    /// <summary>Says whether a file is there, by path.</summary>
    public required Func<string, bool> HasFile { get; init; }

    /// <summary><c>fs.inotify.max_user_instances</c>.</summary>
    public required int InotifyInstances { get; init; }

    /// <summary>Free bytes where the state directory is.</summary>
    public required long DiskFree { get; init; }

    /// <summary>Memory that can be had, in bytes.</summary>
    public required long MemoryAvailable { get; init; }

    /// <summary>Kinds of namespaces that the kernel has: <c>mnt</c>, <c>cgroup</c>…</summary>
    public required IReadOnlyCollection<string> Namespaces { get; init; }

    /// <summary>File systems that the kernel has.</summary>
    public required IReadOnlyCollection<string> FileSystems { get; init; }

    /// <summary>What is known of KVM.</summary>
    public required KvmVerdict Kvm { get; init; }

    /// <summary>The state directory.</summary>
    public required string State { get; init; }

    /// <summary>True where the program builds its agent: in a checkout, not in a release.</summary>
    public bool Builds { get; init; } = true;

    /// <summary>The releases of programs, by the check that looks for each; without those that are not there, do not tell, or were not asked.</summary>
    public ImmutableSortedDictionary<string, Version> Releases { get; init; } = ImmutableSortedDictionary<string, Version>.Empty;

    /// <summary>Reads them from this host, and asks programs for their versions.</summary>
    public static async Task<HostFacts> ReadAsync(StateDirectory state, CancellationToken cancellation)
    {
        var facts = Read(state);
        var said = await Task.WhenAll(TestedRelease.All.Select(async tool => (tool.Check, Release: await ReleaseAsync(facts, tool, cancellation))));
        return facts with { Releases = said.Where(s => s.Release is not null).ToImmutableSortedDictionary(s => s.Check, s => s.Release!, StringComparer.Ordinal) };
    }

    /// <summary>Reads them from this host; starts nothing.</summary>
    public static HostFacts Read(StateDirectory state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var existing = new DirectoryInfo(state.Root);
        while (!existing.Exists && existing.Parent is { } parent) existing = parent;
        return new HostFacts
        {
            Root = HostUser.IsRoot,
            Systemd = Directory.Exists("/run/systemd/system"),
            Apt = HostTool.Find("apt-get") is not null,
            HasProgram = name => HostTool.Find(name) is not null,
            HasFile = File.Exists,
            InotifyInstances = Number("/proc/sys/fs/inotify/max_user_instances"),
            DiskFree = new DriveInfo(existing.FullName).AvailableFreeSpace,
            MemoryAvailable = Memory(File.ReadAllText("/proc/meminfo")),
            Namespaces = [.. Directory.EnumerateFileSystemEntries("/proc/self/ns").Select(p => Path.GetFileName(p)!)],
            FileSystems = [.. File.ReadLines("/proc/filesystems").Select(l => l.Split('\t')[^1])],
            Kvm = KvmRecord.Read(state),
            State = state.Root,
            Builds = !Installation.OfProcess().IsRelease,
        };
    }

    private static async Task<Version?> ReleaseAsync(HostFacts facts, TestedRelease tool, CancellationToken cancellation) =>
        tool.Programs.FirstOrDefault(facts.HasProgram) is { } program ? TestedRelease.Parse((await HostTool.TryAsync(program, ["--version"], cancellation)).Output) : null;

    private static int Number(string path) => int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);

    private static long Memory(string text) =>
        text.Split('\n').FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10
            : 0;
}

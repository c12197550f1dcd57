namespace Regatta.Host.Checks;

/// <summary>Looks at the host and mends what it lacks.</summary>
public static class Doctor
{
    /// <summary>Least <c>fs.inotify.max_user_instances</c>: every container's systemd takes some dozens, and the kernel's default is 128.</summary>
    public const int InotifyInstances = 2048;

    /// <summary>Least free space, bytes: an image (0.7 GB) with its build, unpacked (0.4 GB), and what nodes write.</summary>
    public const long DiskSpace = 8L << 30;

    /// <summary>Least available memory, bytes: a head and two workers.</summary>
    public const long Memory = 3L << 30;

    private const string Driver = "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_";

    private static readonly Need[] Needs =
    [
        new("nix", "building images", f => f.HasProgram("nix"), "nix-bin"),
        new("bash-static", "the shell of Nix's sandbox", f => f.HasFile("/usr/bin/bash-static") || f.HasFile("/bin/bash-static"), "bash-static"),
        new("libvirt", "machines", f => f.HasProgram("libvirtd") || f.HasProgram("virtqemud"), "libvirt-daemon-system"),
        new("virsh", "looking at machines by hand", f => f.HasProgram("virsh"), "libvirt-clients") { Optional = true },
        new("libvirt-lxc", "containers", f => f.HasFile("/usr/lib/libvirt/libvirt_lxc") || f.HasFile("/usr/libexec/libvirt_lxc"), "libvirt-daemon-driver-lxc"),
        new("libvirt-qemu", "virtual machines", f => f.HasFile(Driver + "qemu.so") || f.HasProgram("virtqemud"), "libvirt-daemon-driver-qemu"),
        new("qemu", "virtual machines", f => f.HasProgram("qemu-system-x86_64"), "qemu-system-x86"),
        new("qemu-img", "disks of virtual machines", f => f.HasProgram("qemu-img"), "qemu-utils"),
        new("dnsmasq", "networks of machines", f => f.HasProgram("dnsmasq"), "dnsmasq-base"),
        new("iptables", "networks of machines", f => f.HasProgram("iptables"), "iptables"),
        new("iproute", "networks of machines", f => f.HasProgram("ip"), "iproute2"),
        new("tini", "libvirt daemons of Regatta's own", f => f.Systemd || f.HasProgram("tini"), "tini"),
        new("ssh", "talking to nodes", f => f.HasProgram("ssh") && f.HasProgram("ssh-keygen"), "openssh-client"),
        new("ansible", "configuring nodes", f => f.HasProgram("ansible-playbook"), "ansible-core"),
        new("linker", "building the agent", f => f.HasProgram("clang") || f.HasProgram("gcc"), "gcc") { Builds = true },
        new("libc-dev", "building the agent", f => f.HasFile("/usr/lib/x86_64-linux-gnu/crt1.o"), "libc6-dev") { Builds = true },
        new("zlib", "building the agent", f => f.HasFile("/usr/include/zlib.h"), "zlib1g-dev") { Builds = true },
    ];

    /// <summary>Every check, in the order that a person would look.</summary>
    public static IReadOnlyList<HostCheck> Examine(HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return [Root(facts), .. Needs.Where(n => facts.Builds || !n.Builds).Select(n => Check(n, facts)), Namespaces(facts), Overlay(facts), Inotify(facts), Disk(facts), MemoryOf(facts), Kvm(facts)];
    }

    /// <summary>The commands that mend what can be mended, in the order to run them; empty when there is nothing to do.</summary>
    /// <param name="checks">What was found.</param>
    /// <param name="refresh">Reads the package lists anew first.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Commands(IEnumerable<HostCheck> checks, bool refresh)
    {
        var found = checks.Where(c => c.Fixable && c.State != HostCheckState.Good).ToList();
        var packages = found.SelectMany(c => c.Packages).Distinct().Order(StringComparer.Ordinal).ToList();
        var commands = new List<IReadOnlyList<string>>();
        if (packages.Count > 0)
        {
            if (refresh) commands.Add(["apt-get", "update", "-q"]);
            commands.Add(["apt-get", "install", "-y", "-q", "--no-install-recommends", .. packages]);
        }

        commands.AddRange(found.Select(c => c.Setting).OfType<string>().Select(setting => (IReadOnlyList<string>)["sysctl", "-w", setting]));
        return commands;
    }

    /// <summary>Runs the commands that mend the host, each after saying so, and looks again.</summary>
    /// <returns>What is found afterwards.</returns>
    /// <exception cref="DiagnosticException">Not root, or a command failed (with its last lines).</exception>
    public static async Task<IReadOnlyList<HostCheck>> FixAsync(StateDirectory state, IReadOnlyList<HostCheck> checks, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        // Without lists, or with old ones, apt knows packages that the mirror does not have any more.
        var commands = Commands(checks, refresh: true);
        if (commands.Count == 0) return checks;
        HostUser.RequireRoot("changes to the host");
        foreach (var command in commands)
        {
            // The whole command was shown before anybody agreed to it.
            var subject = string.Join(' ', command.Take(2));
            monitor.Report(new Activity("host", subject, "under way"));
            await HostTool.RunAsync("env", ["DEBIAN_FRONTEND=noninteractive", .. command], cancellation);
            monitor.Report(new Activity("host", subject, "done", ActivityState.Done));
        }

        return Examine(await HostFacts.ReadAsync(state, cancellation));
    }

    /// <summary>Everything that must be mended before Regatta works, as one diagnostic each; empty when nothing is.</summary>
    public static IReadOnlyList<Diagnostic> Diagnostics(IEnumerable<HostCheck> checks) =>
        [.. checks.Where(c => c.State == HostCheckState.Missing).Select(c => Diagnostic.Error($"host-{c.Name}", $"{c.Name} ({c.Purpose}): {c.Found}") with
        {
            Help = c.Fixable ? $"{c.Mend}\nor: regatta doctor --fix" : c.Mend,
        })];

    /// <summary>Refuses a host that lacks something that is needed now.</summary>
    /// <param name="facts">The host.</param>
    /// <param name="names">Names of the checks that matter.</param>
    /// <exception cref="DiagnosticException">With everything that is missing and what mends it.</exception>
    public static void Require(HostFacts facts, params IReadOnlyCollection<string> names)
    {
        if (Diagnostics(Examine(facts).Where(c => names.Contains(c.Name))) is { Count: > 0 } missing) throw new DiagnosticException(missing);
    }

    private static HostCheck Check(Need need, HostFacts facts) =>
        need.IsMet(facts) && facts.Releases.TryGetValue(need.Name, out var release) ? TestedRelease.All.Single(t => t.Check == need.Name).Judge(release, need.Purpose) : need.Check(facts);

    private static HostCheck Root(HostFacts facts) => facts.Root
        ? new HostCheck("root", "containers and networks", HostCheckState.Good, "runs as root")
        : new HostCheck("root", "containers and networks", HostCheckState.Missing, "runs as an ordinary user") { Mend = "sudo regatta …" };

    private static HostCheck Namespaces(HostFacts facts)
    {
        var missing = new[] { "mnt", "net", "pid", "uts", "ipc", "cgroup" }.Except(facts.Namespaces).ToList();
        return missing.Count == 0
            ? new HostCheck("namespaces", "containers", HostCheckState.Good, "the kernel has all that are needed")
            : new HostCheck("namespaces", "containers", HostCheckState.Missing, $"the kernel lacks: {string.Join(", ", missing)}") { Mend = "run on a kernel that has them, or use machines=qemu-tcg" };
    }

    private static HostCheck Overlay(HostFacts facts) => facts.FileSystems.Contains("overlay")
        ? new HostCheck("overlay", "containers", HostCheckState.Good, "the kernel has overlayfs")
        : new HostCheck("overlay", "containers", HostCheckState.Lacking, "overlayfs is not loaded; the first container loads it where the kernel has it") { Mend = "modprobe overlay" };

    private static HostCheck Inotify(HostFacts facts)
    {
        var setting = string.Create(CultureInfo.InvariantCulture, $"fs.inotify.max_user_instances={InotifyInstances}");
        var found = string.Create(CultureInfo.InvariantCulture, $"fs.inotify.max_user_instances is {facts.InotifyInstances}");
        return facts.InotifyInstances >= InotifyInstances
            ? new HostCheck("inotify", "containers", HostCheckState.Good, found)
            : new HostCheck("inotify", "containers", HostCheckState.Missing, found) { Mend = "sysctl -w " + setting, Setting = setting, Fixable = true };
    }

    private static HostCheck Disk(HostFacts facts)
    {
        var found = string.Create(CultureInfo.InvariantCulture, $"{facts.DiskFree >> 30} GiB free at {facts.State}");
        return facts.DiskFree >= DiskSpace
            ? new HostCheck("disk", "images and nodes", HostCheckState.Good, found)
            : new HostCheck("disk", "images and nodes", HostCheckState.Lacking, found) { Mend = $"free some: {DiskSpace >> 30} GiB are enough; or set REGATTA_STATE to another disk" };
    }

    private static HostCheck MemoryOf(HostFacts facts)
    {
        var found = string.Create(CultureInfo.InvariantCulture, $"{facts.MemoryAvailable / (double)(1L << 30):F1} GiB available");
        return facts.MemoryAvailable >= Memory
            ? new HostCheck("memory", "nodes", HostCheckState.Good, found)
            : new HostCheck("memory", "nodes", HostCheckState.Lacking, found) { Mend = "end other programs, or give nodes less: cluster.worker.memory=512MiB" };
    }

    private static HostCheck Kvm(HostFacts facts) => facts.Kvm switch
    {
        KvmVerdict.Works => new HostCheck("kvm", "fast virtual machines", HostCheckState.Good, "a guest boots"),
        KvmVerdict.Untried => new HostCheck("kvm", "fast virtual machines", HostCheckState.Good, "/dev/kvm is there; the first cluster of machines=auto or machines=qemu tries whether a guest boots"),
        KvmVerdict.Fails => new HostCheck("kvm", "fast virtual machines", HostCheckState.Lacking, "/dev/kvm is there, but no guest boots on it: machines=auto takes containers"),
        _ => new HostCheck("kvm", "fast virtual machines", HostCheckState.Lacking, "there is no /dev/kvm: machines=auto takes containers"),
    };

    private sealed record Need(string Name, string Purpose, Func<HostFacts, bool> IsMet, string Package)
    {
        public bool Optional { get; init; }

        /// <summary>Needed where the agent is built, which a release carries.</summary>
        public bool Builds { get; init; }

        public HostCheck Check(HostFacts facts) => IsMet(facts)
            ? new HostCheck(Name, Purpose, HostCheckState.Good, "is there")
            : new HostCheck(Name, Purpose, Optional ? HostCheckState.Lacking : HostCheckState.Missing, "is not there")
            {
                Mend = facts.Apt ? $"apt-get install --no-install-recommends {Package}" : $"install what Debian calls {Package}",
                Fixable = facts.Apt,
                Packages = [Package],
            };
    }
}

using Regatta.Host.Checks;

namespace Regatta.Tests.Host;

public sealed class DoctorTests
{
    private static readonly HostFacts Complete = new()
    {
        Root = true,
        Systemd = false,
        Apt = true,
        HasProgram = _ => true,
        HasFile = _ => true,
        InotifyInstances = 2048,
        DiskFree = 100L << 30,
        MemoryAvailable = 8L << 30,
        Namespaces = ["mnt", "net", "pid", "uts", "ipc", "cgroup", "user"],
        FileSystems = ["ext4", "overlay"],
        Kvm = KvmVerdict.Works,
        State = "/var/lib/regatta",
    };

    [Fact]
    public void A_complete_host_lacks_nothing()
    {
        var checks = Doctor.Examine(Complete);
        Assert.All(checks, c => Assert.Equal(HostCheckState.Good, c.State));
        Assert.Empty(Doctor.Commands(checks, refresh: true));
        Assert.Empty(Doctor.Diagnostics(checks));
    }

    [Fact]
    public void A_fresh_host_is_mended_by_apt_and_sysctl()
    {
        var fresh = Complete with { HasProgram = p => p is "ip" or "gcc", HasFile = _ => false, InotifyInstances = 128 };
        Assert.Equal(
            [
                "apt-get update -q",
                "apt-get install -y -q --no-install-recommends ansible-core bash-static dnsmasq-base iptables libc6-dev libvirt-clients libvirt-daemon-driver-lxc libvirt-daemon-driver-qemu libvirt-daemon-system nix-bin openssh-client qemu-system-x86 qemu-utils tini zlib1g-dev",
                "sysctl -w fs.inotify.max_user_instances=2048",
            ],
            Doctor.Commands(Doctor.Examine(fresh), refresh: true).Select(c => string.Join(' ', c)));
    }

    [Fact]
    public void A_release_needs_nothing_to_build_the_agent_with()
    {
        var bare = Complete with { HasProgram = p => p is not ("gcc" or "clang"), HasFile = f => !f.EndsWith("zlib.h", StringComparison.Ordinal) && !f.EndsWith("crt1.o", StringComparison.Ordinal) };

        Assert.Equal(["linker", "libc-dev", "zlib"], Doctor.Examine(bare).Where(c => c.State == HostCheckState.Missing).Select(c => c.Name));
        Assert.DoesNotContain(Doctor.Examine(bare with { Builds = false }), c => c.State == HostCheckState.Missing);
    }

    [Fact]
    public void With_systemd_tini_is_not_needed() =>
        Assert.DoesNotContain(Doctor.Examine(Complete with { Systemd = true, HasProgram = p => p != "tini" }), c => c.State != HostCheckState.Good);

    [Fact]
    public void A_compiler_of_either_name_will_do()
    {
        Assert.DoesNotContain(Doctor.Examine(Complete with { HasProgram = p => p != "gcc" }), c => c.State != HostCheckState.Good);
        Assert.Contains(Doctor.Examine(Complete with { HasProgram = p => p is not ("gcc" or "clang") }), c => c is { Name: "linker", State: HostCheckState.Missing });
    }

    [Theory]
    [InlineData("root", "containers and networks", "runs as an ordinary user", "sudo regatta …")]
    [InlineData("nix", "building images", "is not there", "apt-get install --no-install-recommends nix-bin\n        or: regatta doctor --fix")]
    [InlineData("inotify", "containers", "fs.inotify.max_user_instances is 128", "sysctl -w fs.inotify.max_user_instances=2048\n        or: regatta doctor --fix")]
    [InlineData("namespaces", "containers", "the kernel lacks: cgroup", "run on a kernel that has them, or use machines=qemu-tcg")]
    public void What_is_missing_is_said_with_what_mends_it(string name, string purpose, string lack, string help)
    {
        var facts = name switch
        {
            "root" => Complete with { Root = false },
            "nix" => Complete with { HasProgram = p => p != "nix" },
            "inotify" => Complete with { InotifyInstances = 128 },
            _ => Complete with { Namespaces = ["mnt", "net", "pid", "uts", "ipc"] },
        };
        Assert.Equal($"error[host-{name}]: {name} ({purpose}): {lack}\n  help: {help}", Assert.Single(Doctor.Diagnostics(Doctor.Examine(facts))).ToString());
    }

    [Theory]
    [InlineData("ansible", "2.14.18", HostCheckState.Good, "ansible-core 2.14.18", null)]
    [InlineData("ansible", "2.19.11", HostCheckState.Good, "ansible-core 2.19.11", null)]
    [InlineData("ansible", "2.22.3", HostCheckState.Good, "ansible-core 2.22.3", null)]
    [InlineData("ansible", "2.12.10", HostCheckState.Missing, "ansible-core 2.12.10 is too old: 2.14 or newer is needed", "install ansible-core 2.14 or newer")]
    [InlineData("ansible", "2.23.0", HostCheckState.Lacking, "ansible-core 2.23.0 is newer than what was tested (2.14, 2.19, 2.22)", "nothing while nodes are configured without errors; else install ansible-core 2.22")]
    [InlineData("nix", "2.8.0", HostCheckState.Good, "Nix 2.8.0", null)]
    [InlineData("nix", "2.34.8", HostCheckState.Good, "Nix 2.34.8", null)]
    [InlineData("nix", "2.7.0", HostCheckState.Missing, "Nix 2.7.0 is too old: 2.8 or newer is needed", "install Nix 2.8 or newer")]
    [InlineData("nix", "2.35.0", HostCheckState.Lacking, "Nix 2.35.0 is newer than what was tested (2.8, 2.26, 2.34)", "nothing while images are built without errors; else install Nix 2.34")]
    [InlineData("libvirt", "12.10.0", HostCheckState.Good, "libvirt 12.10.0", null)]
    [InlineData("libvirt", "8.0.0", HostCheckState.Lacking, "libvirt 8.0.0 is older than what was tested (9.0, 11.3, 12.8)", "nothing while clusters come up without errors; else install libvirt 9.0")]
    [InlineData("libvirt", "13.0.0", HostCheckState.Lacking, "libvirt 13.0.0 is newer than what was tested (9.0, 11.3, 12.8)", "nothing while clusters come up without errors; else install libvirt 12.8")]
    [InlineData("qemu", "7.2.22", HostCheckState.Good, "QEMU 7.2.22", null)]
    [InlineData("qemu", "11.1.3", HostCheckState.Lacking, "QEMU 11.1.3 is newer than what was tested (7.2, 10.0)", "nothing while virtual machines boot without errors; else install QEMU 10.0")]
    public void Releases_are_held_against_those_that_were_tested(string name, string version, HostCheckState state, string found, string? mend)
    {
        var check = Doctor.Examine(Complete with { Releases = ImmutableSortedDictionary<string, Version>.Empty.Add(name, Version.Parse(version)) }).Single(c => c.Name == name);
        Assert.Equal((state, found, mend), (check.State, check.Found, check.Mend));
    }

    [Fact]
    public void What_tells_its_release_is_one_of_the_checks() =>
        Assert.Subset(Doctor.Examine(Complete).Select(c => c.Name).ToHashSet(), TestedRelease.All.Select(t => t.Check).ToHashSet());

    [Theory]
    [InlineData("ansible-playbook [core 2.14.18]\n  config file = None\n", "2.14.18")]
    [InlineData("ansible-playbook [core 2.22.0b2]\n", "2.22.0")]
    [InlineData("ansible-playbook 2.9.27\n", "2.9.27")]
    [InlineData("", null)]
    [InlineData("nix (Nix) 2.8.0\n", "2.8.0")]
    [InlineData("libvirtd (libvirt) 9.0.0\n", "9.0.0")]
    [InlineData("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003-2022 Fabrice Bellard\n", "7.2.22")]
    public void A_release_is_read_from_what_a_program_says(string text, string? expected) =>
        Assert.Equal(expected, TestedRelease.Parse(text)?.ToString());

    [Fact]
    public void What_is_needed_now_is_asked_for_alone()
    {
        var facts = Complete with { HasProgram = p => p is not ("nix" or "tini"), InotifyInstances = 128 };
        Doctor.Require(facts, "ssh");
        var thrown = Assert.Throws<DiagnosticException>(() => Doctor.Require(facts, "tini", "inotify", "ssh"));
        Assert.Equal(["host-tini", "host-inotify"], thrown.Diagnostics.Select(d => d.Code));
    }

    [Theory]
    [InlineData(KvmVerdict.Fails, "/dev/kvm is there, but no guest boots on it: machines=auto takes containers")]
    [InlineData(KvmVerdict.Absent, "there is no /dev/kvm: machines=auto takes containers")]
    public void A_host_without_usable_kvm_can_do_with_less(KvmVerdict verdict, string found)
    {
        var check = Assert.Single(Doctor.Examine(Complete with { Kvm = verdict }), c => c.State != HostCheckState.Good);
        Assert.Equal(("kvm", HostCheckState.Lacking, found), (check.Name, check.State, check.Found));
    }

    [Fact]
    public void Little_disk_and_memory_are_said_but_stop_nothing()
    {
        var checks = Doctor.Examine(Complete with { DiskFree = 3L << 30, MemoryAvailable = 3L << 29 }).Where(c => c.State != HostCheckState.Good).ToList();
        Assert.Equal(["3 GiB free at /var/lib/regatta", "1.5 GiB available"], checks.Select(c => c.Found));
        Assert.Empty(Doctor.Diagnostics(checks));
    }
}

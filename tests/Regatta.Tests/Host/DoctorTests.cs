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
    [InlineData("2.14.18", HostCheckState.Good, "ansible-core 2.14.18", null)]
    [InlineData("2.19.11", HostCheckState.Good, "ansible-core 2.19.11", null)]
    [InlineData("2.22.3", HostCheckState.Good, "ansible-core 2.22.3", null)]
    [InlineData("2.12.10", HostCheckState.Missing, "ansible-core 2.12.10 is too old: 2.14 or newer is needed", "install ansible-core 2.14 or newer")]
    [InlineData("2.23.0", HostCheckState.Lacking, "ansible-core 2.23.0 is newer than what the playbooks were tested with (2.14, 2.19, 2.22)", "nothing while nodes are configured without errors; else install ansible-core 2.22")]
    public void The_release_of_ansible_is_held_against_those_that_were_tested(string version, HostCheckState state, string found, string? mend)
    {
        var check = Doctor.Examine(Complete with { AnsibleCore = Version.Parse(version) }).Single(c => c.Name == "ansible");
        Assert.Equal((state, found, mend), (check.State, check.Found, check.Mend));
    }

    [Theory]
    [InlineData("ansible-playbook [core 2.14.18]\n  config file = None\n", "2.14.18")]
    [InlineData("ansible-playbook [core 2.22.0b2]\n", "2.22.0")]
    [InlineData("ansible-playbook 2.9.27\n", "2.9.27")]
    [InlineData("", null)]
    public void The_release_of_ansible_is_read_from_what_it_says(string text, string? expected) =>
        Assert.Equal(expected, AnsibleCore.Parse(text)?.ToString());

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

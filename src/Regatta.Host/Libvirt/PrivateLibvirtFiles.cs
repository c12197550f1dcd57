namespace Regatta.Host.Libvirt;

/// <summary>Configuration and start of the private daemons.</summary>
internal static class PrivateLibvirtFiles
{
    /// <summary>
    /// Starts both daemons; arguments: state, run directory, log. tini adopts what libvirt leaves to its ancestors and reaps it at
    /// once: libvirt waits for ended children to vanish, and not every first process of a host reaps quickly. libvirt 9 cannot work
    /// with the v2 hierarchy beside v1 ones, so that mount is taken away in the namespace. Nothing that the caller has open is
    /// passed on.
    /// </summary>
    public const string StartScript = """
        for fd in /proc/$$/fd/*; do n=${fd##*/}; case $n in 0|1|2|255) ;; *) eval "exec $n>&-" ;; esac; done
        setsid unshare --mount --propagation slave bash -c '
            set -e
            for part in etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt cache:/var/cache/libvirt; do
                mkdir -p "${part#*:}"; mount --bind "$0/${part%%:*}" "${part#*:}"
            done
            mkdir -p /run/libvirt; mount --bind "$1" /run/libvirt
            if mountpoint -q /sys/fs/cgroup/unified; then umount -l /sys/fs/cgroup/unified; fi
            cd /
            tini -s -- virtlogd -f /etc/libvirt/virtlogd.conf -p /run/libvirt/virtlogd.pid &
            exec tini -s -- libvirtd -f /etc/libvirt/libvirtd.conf -p /run/libvirt/libvirtd.pid
        ' "$1" "$2" </dev/null >>"$3" 2>&1 &
        """;

    // Root and no ownership changes: a QEMU of another user could not open /dev/kvm, and libvirt would then probe it anew at every start.
    private const string Qemu = """
        security_driver = "none"
        user = "root"
        group = "root"
        dynamic_ownership = 0
        remember_owner = 0
        namespaces = []
        cgroup_controllers = []
        """;

    private const string Libvirtd = """
        unix_sock_group = "root"
        unix_sock_ro_perms = "0700"
        unix_sock_rw_perms = "0700"
        auth_unix_ro = "none"
        auth_unix_rw = "none"
        """;

    public static void Write(string directory, string run)
    {
        foreach (var part in new[] { "etc", "etc/qemu", "lib", "lib/dnsmasq", "lib/lxc", "log", "cache" })
            Directory.CreateDirectory(Path.Combine(directory, part));
        Directory.CreateDirectory(run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var (name, text) in new[] { ("qemu.conf", Qemu), ("libvirtd.conf", Libvirtd), ("lxc.conf", "security_driver = \"none\""), ("virtlogd.conf", "# virtlogd's own defaults") })
            DurableFile.Write(Path.Combine(directory, "etc", name), text + "\n");
    }

    /// <summary>Removes sockets and process ids of daemons that are gone; what they remember of running nodes stays.</summary>
    public static void RemoveSockets(string run)
    {
        foreach (var pattern in new[] { "*-sock", "*-sock-ro", "*.pid", "regatta.json" })
        {
            foreach (var file in Directory.EnumerateFiles(run, pattern)) File.Delete(file);
        }
    }
}

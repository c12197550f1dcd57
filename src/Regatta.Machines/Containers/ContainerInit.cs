namespace Regatta.Machines.Containers;

/// <summary>What runs first in a container and then becomes the image's init.</summary>
internal static class ContainerInit
{
    /// <summary>Where it lies in the container.</summary>
    public const string Path = "/usr/lib/regatta/container-init";

    /// <summary>
    /// The script; its argument names the container's cgroup. libvirt gives containers no cgroup namespace: systemd would work in
    /// the host's hierarchies. So it makes one. Where libvirt works with v1 controllers, the container gets a v2 cgroup without
    /// controllers for systemd, and the v1 controllers that libvirt gave it at <c>/cg</c> for the scheduler. libvirt does not work with
    /// the v1 controller of processes' numbers, which container runtimes want: the container gets a cgroup of that by the same name.
    /// libvirt's <c>/proc/meminfo</c> lacks lines that tools insist on, so the kernel's own is uncovered.
    /// </summary>
    public const string Script = """
        #!/bin/sh
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin
        umount /proc/meminfo 2>/dev/null
        controllers=
        unified=/
        while IFS=: read -r number names path; do
            if [ "$number" = 0 ]; then unified=$path
            elif [ "$path" != / ]; then case $names in *=*) ;; *) controllers="$controllers $names" ;; esac
            fi
        done < /proc/self/cgroup
        if [ "$unified" = / ]; then
            mount -t tmpfs tmpfs /mnt && mkdir /mnt/cgroup && mount -t cgroup2 cgroup2 /mnt/cgroup &&
                mkdir -p "/mnt/cgroup/$1" && echo 1 > "/mnt/cgroup/$1/cgroup.procs" ||
                echo "container-init: no cgroup of its own" >&2
            umount /mnt/cgroup; umount /mnt
        fi
        if grep -q "^[0-9]*:pids:/$" /proc/self/cgroup; then
            mount -t tmpfs tmpfs /mnt && mkdir /mnt/cgroup && mount -t cgroup -o pids cgroup /mnt/cgroup &&
                mkdir -p "/mnt/cgroup/$1" && echo 1 > "/mnt/cgroup/$1/cgroup.procs" && controllers="$controllers pids"
            umount /mnt/cgroup; umount /mnt
        fi
        umount -l /sys/fs/cgroup/* 2>/dev/null
        umount -l /sys/fs/cgroup
        export controllers
        exec unshare --cgroup /bin/sh -c '
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            if [ -n "$controllers" ]; then
                mkdir -p /cg && mount -t tmpfs -o size=1m,mode=755 cg /cg
                for names in $controllers; do
                    mkdir "/cg/$names" && mount -t cgroup -o "$names" cgroup "/cg/$names"
                    case $names in *,*) for name in $(echo "$names" | tr , " "); do ln -s "$names" "/cg/$name"; done ;; esac
                done
            fi
            unset controllers
            exec /sbin/init'

        """;
}

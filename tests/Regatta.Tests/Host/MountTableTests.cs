using Regatta.Host;

namespace Regatta.Tests.Host;

public sealed class MountTableTests
{
    [Fact]
    public void It_reads_what_the_kernel_writes()
    {
        var mounts = MountTable.Parse(
            """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            36 35 98:0 /part\040one /mnt/two\040words rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue
            799 766 0:85 / /var/lib/regatta/nodes/lab/head/root rw,relatime shared:354 - overlay overlay rw,lowerdir=/a

            """);
        Assert.Equal([new Mount("/proc", "proc", "/"), new Mount("/mnt/two words", "ext3", "/part one"), new Mount("/var/lib/regatta/nodes/lab/head/root", "overlay", "/")], mounts);
    }

    [Fact]
    public void It_reads_this_host() => Assert.Contains(MountTable.Read(), m => m is { Target: "/proc", Type: "proc" });
}

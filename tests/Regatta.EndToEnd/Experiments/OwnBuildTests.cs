using System.Formats.Tar;
using System.Text.Json;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Experiments;

/// <summary>
/// A Slurm of one's own against the one of the image, in one run. Its programs are Debian's, under a prefix that Debian has not: what is tested is that the
/// nodes run what lies there. <c>REGATTA_SLURM_PREFIX</c> names another build, such as one from source, which is run instead.
/// </summary>
public sealed class OwnBuildTests
{
    private const string Prefix = "opt/slurm-mine", Variable = "REGATTA_SLURM_PREFIX";

    [Fact]
    public async Task Two_builds_of_slurm_are_two_points_of_a_run()
    {
        await using var lab = ProgramLab.Open();
        var built = await lab.ExpectAsync(0, "image", "build", "slurm", "--json");
        var source = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : await TreeAsync(lab, ImageContract.Read(built.Json("image").Single().GetProperty("directory").GetString()!));

        var locked = (await lab.ExpectAsync(0, "image", "lock", "slurm+mine", "--payload", $"slurm={source}", "--json")).Json("payload").Single().GetProperty("payload");
        var (prefix, version) = (locked.GetProperty("prefix").GetString()!, locked.GetProperty("version").GetString()!);
        await lab.ExpectAsync(0, "run", "quickstart", "~points", "scheduler.image=slurm,slurm+mine", "machines=lxc", "measure.repetitions=1", "cluster.keep=true", "--yes", "--json");

        var (debian, mine) = (lab.Trial("slurm/1"), lab.Trial("slurm+mine/1"));
        Assert.Equal(version, mine.GetProperty("schedulerVersion").GetString());
        Assert.NotEqual(debian.GetProperty("image").GetString(), mine.GetProperty("image").GetString());
        // slurmctld counts its passes in both.
        Assert.All(new[] { debian, mine }, t => Assert.True(t.GetProperty("passes").EnumerateArray().First(p => p.GetProperty("kind").GetString() == "main").GetProperty("passes").GetInt64() > 0));
        foreach (var point in new[] { "slurm", "slurm+mine" })
        {
            var events = await File.ReadAllLinesAsync(Path.Combine(lab.Run, "trials", point, "1", "events.jsonl"), TestContext.Current.CancellationToken);
            Assert.Equal(Quickstart.Count, events.Count(e => e.Contains("\"state\":\"Completed\"", StringComparison.Ordinal)));
            var (verdict, why) = lab.Audit($"{point}/1");
            Assert.False(verdict == "Invalid", why);
        }

        using var provenance = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(lab.Run, "provenance.json"), TestContext.Current.CancellationToken));
        Assert.Contains(locked.GetProperty("sha256").GetString()!, provenance.RootElement.GetProperty("images").GetProperty("slurm+mine").ToString(), StringComparison.Ordinal);
        // The daemons that run are those of the prefix, on the head and on a worker.
        var cluster = lab.Store.List().Select(c => c.Cluster!).Single(c => ClusterImage.Of(c)!.Name == "slurm+mine").Name;
        foreach (var (node, daemon) in new[] { ("head", "slurmctld"), ("worker1", "slurmd") })
        {
            var runs = await lab.ExpectAsync(0, "cluster", "exec", "-c", cluster, "--on", node, "--", $"readlink /proc/$(systemctl show -P MainPID {daemon})/exe");
            Assert.Contains($"{prefix}/sbin/{daemon}", runs.Output, StringComparison.Ordinal);
        }

        // One that is refused keeps nothing: neither its own bytes nor another's place.
        var refused = await lab.ExpectAsync(2, "image", "lock", "slurm@trixie+mine", "--payload", $"slurm={source}", "--json");
        Assert.Equal("slurm-build-older", refused.Json("diagnostic").Single().GetProperty("code").GetString());
        Assert.Equal(["slurm+mine-slurm.tar"], Directory.GetFiles(Path.Combine(lab.Environment["REGATTA_STATE"]!, "payloads"), "*.tar").Select(Path.GetFileName));
    }

    // The programs of an image, where somebody might have installed a build of his own.
    private static async Task<string> TreeAsync(ProgramLab lab, Image image)
    {
        var root = Path.Combine(lab.Work, "root");
        await using var stream = File.OpenRead(image.RootTar);
        await using var tar = new TarReader(stream);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (entry.EntryType != TarEntryType.RegularFile || Place(name) is not { } place) continue;
            var target = Path.Combine(root, Prefix, place);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: true, TestContext.Current.CancellationToken);
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return root;
    }

    // Debian's programs have names of their own, to which its alternatives point.
    private static string? Place(string name) =>
        name.StartsWith("usr/sbin/slurm", StringComparison.Ordinal) ? "sbin/" + name["usr/sbin/".Length..].Replace("-wlm", "", StringComparison.Ordinal)
        : name is "usr/bin/scontrol" or "usr/bin/sinfo" or "usr/bin/srun" or "usr/bin/sbatch" or "usr/bin/scancel" or "usr/bin/squeue" or "usr/bin/sdiag" or "usr/bin/sprio" or "usr/bin/sacct" ? name["usr/".Length..]
        : null;
}

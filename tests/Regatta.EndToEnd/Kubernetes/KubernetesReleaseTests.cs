using Regatta.Workloads;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>A release of Kubernetes that the user brings as a payload: from kubeadm to gangs that its own scheduler places whole.</summary>
public sealed class KubernetesReleaseTests
{
    [Fact]
    public async Task A_release_runs_jobs_on_real_and_emulated_nodes_and_places_gangs_whole_where_it_can()
    {
        var nodes = await KubernetesNodes.UpAsync("release", "kubernetes", workers: 2, KubernetesPrefix.BuildAsync);
        try
        {
            var version = (await nodes.ConfigureAsync("fifo")).Version;
            Assert.Empty((await nodes.ConfigureAsync("fifo")).Changes);
            Assert.All((await nodes.ReplayAsync("singles", [.. Enumerable.Range(1, 8).Select(i => Of(i, 1))], _ => { })).Jobs, job => Assert.Equal(JobState.Completed, job.State));
            await nodes.ResetAsync("fifo");

            if (KubernetesRelease.Of(version).GangApi is not null) await GangsAreWholeAsync(nodes, version);

            await nodes.ConfigureAsync("fifo", emulated: 40);
            var played = await nodes.ReplayAsync("emulated", [.. Enumerable.Range(1, 60).Select(i => Of(i, 1))], _ => { }, emulated: 40);
            Assert.All(played.Jobs, job => Assert.Equal((JobState.Completed, true), (job.State, job.NodeList!.StartsWith("emulated", StringComparison.Ordinal))));
        }
        finally
        {
            await nodes.DisposeAsync();
        }
    }

    /// <summary>Two gangs of three on four processors: placed pod by pod, each would hold two of them for ever.</summary>
    private static async Task GangsAreWholeAsync(KubernetesNodes nodes, string version)
    {
        var configured = await nodes.ConfigureAsync("gang");
        Assert.Equal(SchedulerTraits.WholeJob, configured.Settings[Trait.Gang.Name()]);
        Assert.Equal("1", configured.Settings["kubernetes.KubeSchedulerConfiguration.podMaxBackoffSeconds"]);
        Assert.Empty((await nodes.ConfigureAsync("gang")).Changes);
        var happened = new Happenings();

        var result = await nodes.ReplayAsync("gangs", [Of(1, 3), Of(2, 3)], happened.Take, profile: "gang", version: version);

        Assert.All(result.Jobs, job => Assert.Equal(JobState.Completed, job.State));
        Assert.Empty(result.Faults);
        var (first, second) = (result.Jobs.MinBy(j => j.Decided)!, result.Jobs.MaxBy(j => j.Decided)!);
        Assert.True(second.Decided >= first.Finish, $"{second.Decided} < {first.Finish}");
        await nodes.ResetAsync("gang");
        Assert.Equal("", await nodes.KubectlAsync("get jobs,pods,podgroups -o name"));
        await nodes.ConfigureAsync("fifo");
    }

    private static Job Of(int id, int processors) =>
        new() { Id = id, Submit = TimeSpan.Zero, Processors = processors, GangMinimum = processors > 1 ? processors : 0, RunTime = TimeSpan.FromSeconds(2) };
}

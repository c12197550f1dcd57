using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>What GPUs did, on two nodes of eight processors and four GPUs: one of the model a100, one of h100 unless said otherwise.</summary>
public sealed class GpuTests
{
    private static readonly ImmutableArray<NodeGpus> TwoModels = [new("a100", "1", 4), new("h100", "2", 4)];

    [Fact]
    public void Utilisation_is_what_jobs_hold_of_all_gpus()
    {
        var metrics = Metrics(TwoModels, Job(1, "gpu:a100:4", 4, 0, 0, 50, "n1"), Job(2, "gpu:h100:2", 2, 0, 0, 100, "n2"));

        Assert.Equal(((4 * 50) + (2 * 100)) / 800.0, metrics["gpu-utilisation"]!.Value, 9);
        Assert.Equal(0, metrics["gpu-fragmentation"]);
    }

    [Fact]
    public void Gpus_that_stand_free_beside_each_other_are_fragments_while_a_job_waits_for_more_of_one_node()
    {
        // One GPU of each node is held until 100; until then a job waits for four of one node: three and three cannot be had. Then it runs until 200.
        var metrics = Metrics([new("a100", "all", 4)], Job(1, "gpu:1", 1, 0, 0, 100, "n1"), Job(2, "gpu:1", 1, 0, 0, 100, "n2"), Job(3, "gpu:4", 4, 0, 100, 200, "n1"));

        Assert.Equal(6 * 100 / (8 * 200.0), metrics["gpu-fragmentation"]!.Value, 9);
    }

    [Fact]
    public void What_a_waiting_job_could_have_is_no_fragment_even_if_it_does_not_start() =>
        Assert.Equal(0, Metrics([new("a100", "all", 4)], Job(1, "gpu:1", 1, 0, 0, 100, "n1"), Job(2, "gpu:3", 3, 0, 50, 100, "n2"))["gpu-fragmentation"]!.Value, 9);

    [Fact]
    public void Gpus_of_another_model_and_those_beside_busy_processors_are_fragments()
    {
        // The h100 are free and wanted by none; the a100 are wanted, but all eight processors of their node work.
        var metrics = Metrics(TwoModels, Job(1, null, 8, 0, 0, 100, "n1"), Job(2, "gpu:a100:1", 1, 0, 100, 200, "n1"));

        Assert.Equal(8 * 100 / (8 * 200.0), metrics["gpu-fragmentation"]!.Value, 9);
    }

    [Fact]
    public void A_job_of_two_nodes_fits_where_both_have_half()
    {
        // Six GPUs need two nodes of three each, which there are until the second job takes two of the second node at 50.
        var metrics = Metrics([new("a100", "all", 4)], Job(1, "gpu:1", 1, 0, 0, 100, "n1"), Job(2, "gpu:2", 2, 50, 50, 100, "n2"), Job(3, "gpu:6", 6, 0, 100, 200, "n[1-2]"));

        Assert.Equal((3 + 2) * 50 / (8 * 200.0), metrics["gpu-fragmentation"]!.Value, 9);
    }

    [Fact]
    public void Without_gpus_there_is_nothing_to_say_and_without_nodes_no_fragments()
    {
        Assert.Null(Metrics([], Job(1, "gpu:1", 1, 0, 0, 100, "n1"))["gpu-utilisation"]);
        var unknown = Metrics(TwoModels, Job(1, "gpu:a100:1", 1, 0, 0, 100, null));
        Assert.Equal(1 / 8.0, unknown["gpu-utilisation"]!.Value, 9);
        Assert.Null(unknown["gpu-fragmentation"]);
    }

    [Theory]
    [InlineData("gpu:a100:3", "gpu:a100:1", null)]
    [InlineData("gpu:a100:3", "gpu:a100:2", "5 GPUs of the model a100 were held at once on a machine of 4, 10.001 s after the start.")]
    [InlineData("gpu:6", "gpu:3", "9 GPUs were held at once on a machine of 8, 10.001 s after the start.")]
    public void More_gpus_at_once_than_there_are_make_a_trial_invalid(string first, string second, string? found)
    {
        var audit = TrialAudit.Of(Trial(TwoModels, Job(1, first, 1, 0, 0, 50, "n1"), Job(2, second, 1, 10, 10, 60, "n1")));

        Assert.Equal(found is null ? [] : [found], audit.Findings.Where(f => f.Code == "gpus-overcommitted").Select(f => f.Text));
        Assert.Equal(found is not null, audit.Verdict == TrialVerdict.Invalid && audit.Findings.Any(f => f.Code == "gpus-overcommitted"));
    }

    private static JobRecord Job(long number, string? gres, int processors, double sent, double start, double finish, string? nodes) =>
        Trials.Job(number, processors, sent, start, finish) with { NodeList = nodes, Request = gres is null ? null : new JobRequest { Gres = gres } };

    private static Trial Trial(ImmutableArray<NodeGpus> gpus, params JobRecord[] jobs) => new(Trials.Record(processors: 16) with { Workers = ["n1", "n2"], Gpus = gpus }, JobTable.From(jobs));

    private static TrialMetrics Metrics(ImmutableArray<NodeGpus> gpus, params JobRecord[] jobs) => TrialMetrics.Compute(Trial(gpus, jobs));
}

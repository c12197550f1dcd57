using Regatta.Schedulers;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

public sealed class ClientCheckTests
{
    [Theory]
    [InlineData("error[clients-simulated]: the reference scheduler is simulated: no client can call it", "scheduler=reference", "clients.queue=5")]
    [InlineData("error[clients-unsupported]: slurm has nothing to call for clients.history", "clients.history=1")]
    [InlineData("sacct asks a database: scheduler.slurm.accounting=true", "clients.history=1")]
    [InlineData("error[clients-unsupported]: slurm has nothing to call for clients.step", "cluster=emulated", "clients.step=1")]
    [InlineData("error[clients-rate]: all clients together would make 1200 calls a second", "clients.queue=600", "clients.nodes=600")]
    [InlineData("clients.queue", "clients.queue=-1")]
    [InlineData("clients.queue", "clients.queue=1001")]
    [InlineData("clients.timeout", "clients.queue=1", "clients.timeout=0s")]
    [InlineData("clients.most", "clients.queue=1", "clients.most=0")]
    [InlineData("clients.sqeue", "+clients.sqeue=1")]
    public async Task Clients_that_cannot_be_are_refused_in_the_plan(string text, params string[] overrides) =>
        (await ProgramRun.Of(["plan", "quickstart", "points={}", .. overrides])).Says(2, text);

    [Theory]
    [InlineData("flux", ClientKind.Step)]
    [InlineData("kubernetes", ClientKind.Submit)]
    [InlineData("volcano", ClientKind.Step)]
    public void Every_scheduler_has_somebody_who_looks_and_not_every_kind(string name, ClientKind lacks)
    {
        var scheduler = KnownSchedulers.Find(name);
        var options = new SchedulerOptions(scheduler.Profiles[0].Name);

        Assert.All(new[] { ClientKind.Queue, ClientKind.Nodes, ClientKind.History, ClientKind.Job }, kind => Assert.NotEmpty(scheduler.Client(kind, options)!.Value));
        Assert.Null(scheduler.Client(lacks, options));
    }

    [Fact]
    public void Slurm_s_clients_are_its_own_programs()
    {
        var slurm = KnownSchedulers.Find("slurm");
        var options = new SchedulerOptions("backfill");
        string Of(ClientKind kind) => string.Join(' ', slurm.Client(kind, options)!.Value);

        Assert.Equal("squeue", Of(ClientKind.Queue));
        Assert.Equal("sinfo", Of(ClientKind.Nodes));
        Assert.Equal("scontrol show job {job}", Of(ClientKind.Job));
        Assert.StartsWith("srun --jobid={job} --overlap", Of(ClientKind.Step), StringComparison.Ordinal);
        Assert.StartsWith("sbatch --hold", Of(ClientKind.Submit), StringComparison.Ordinal);
        Assert.Equal(["scancel", "--name=regatta-clients"], slurm.UndoClients);
    }

    [Fact]
    public async Task The_experiment_that_ships_is_planned()
    {
        var plan = await ProgramRun.Of("plan", "client-storm");

        plan.Says(0, "squeue-100", "calm");
    }
}

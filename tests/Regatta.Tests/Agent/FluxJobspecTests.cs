using System.Text;
using System.Text.Json.Nodes;
using Regatta.Agent;
using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Flux;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Jobs in Flux's words, and the driver's options.</summary>
public sealed class FluxJobspecTests
{
    private static readonly Job One = new() { Id = 7, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(1.5), RequestedTime = TimeSpan.FromSeconds(90) };

    [Fact]
    public void A_job_of_one_processor()
    {
        Assert.Equal(
            """{"version":1,"resources":[{"type":"slot","count":1,"label":"task","with":[{"type":"core","count":1}]}],"tasks":[{"command":["/opt/agent","payload","--job","7","--stamps","/var/stamps.jsonl","--first","FLUX_TASK_RANK","sleep","1.5"],"slot":"task","count":{"per_slot":1}}],"attributes":{"system":{"duration":90,"cwd":"/","environment":{"PATH":"/usr/local/bin:/usr/bin:/bin"},"job":{"name":"regatta-t1-7"},"shell":{"options":{"cpu-affinity":"off","output":{"stdout":{"type":"file","path":"/dev/null"},"stderr":{"type":"file","path":"/dev/null"}}}}}}}""",
            Text(new Submission(One, [])));
    }

    [Fact]
    public void Several_processors_are_slots_and_one_task_a_node()
    {
        var jobspec = JsonNode.Parse(Text(new Submission(One with { Processors = 6 }, [])))!;
        Assert.Equal("""{"type":"slot","count":6,"label":"task","with":[{"type":"core","count":1}]}""", jobspec["resources"]![0]!.ToJsonString());
        Assert.Equal("""{"type":"node","count":1}""", jobspec["attributes"]!["system"]!["shell"]!["options"]!["per-resource"]!.ToJsonString());
    }

    [Fact]
    public void Nodes_are_asked_for_where_the_job_names_them_each_with_as_many_processors()
    {
        var jobspec = JsonNode.Parse(Text(new Submission(One with { Processors = 7, Nodes = 2 }, [])))!;
        Assert.Equal("""{"type":"node","count":2,"exclusive":false,"with":[{"type":"slot","count":4,"label":"task","with":[{"type":"core","count":1}]}]}""", jobspec["resources"]![0]!.ToJsonString());
    }

    [Fact]
    public void A_job_without_a_limit_has_none()
    {
        var jobspec = JsonNode.Parse(Text(new Submission(One with { RequestedTime = null }, [])))!;
        Assert.Equal("0", jobspec["attributes"]!["system"]!["duration"]!.ToJsonString());
    }

    [Fact]
    public void Dependencies_name_the_jobs_that_come_before()
    {
        var jobspec = JsonNode.Parse(Text(new Submission(One, [("12", DependencyKind.AfterOk), ("13", DependencyKind.After)])))!;
        Assert.Equal("""[{"scheme":"afterok","value":"12"},{"scheme":"afterany","value":"13"}]""", jobspec["attributes"]!["system"]!["dependencies"]!.ToJsonString());
    }

    [Fact]
    public void A_simulated_job_says_how_long_it_would_run()
    {
        var jobspec = JsonNode.Parse(Text(new Submission(One, []), Header(("simulate", "true"))))!;
        Assert.Equal("""{"test":{"run_duration":"1.5s"}}""", jobspec["attributes"]!["system"]!["exec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("uro", "x", "error[replay-option]: the flux driver has no option 'uro'\n  help: did you mean 'uri'?")]
    [InlineData("simulate", "maybe", "error[replay-option]: the option 'simulate' cannot be 'maybe'\n  help: it is true or false")]
    [InlineData("prefix", "", "error[replay-option]: the option 'prefix' cannot be ''\n  help: a value has no quote and no control character")]
    public void A_wrong_option_is_told(string name, string value, string text) =>
        Assert.Equal(text, Assert.Throws<DiagnosticException>(() => KnownDrivers.Check(Header((name, value)))).Message);

    [Fact]
    public async Task A_head_without_Flux_is_told_where_it_was_looked_for()
    {
        await using var driver = KnownDrivers.Create(Header(("prefix", "/nowhere")), TimeProvider.System);
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => driver.OpenAsync([One], TestContext.Current.CancellationToken));
        Assert.Equal(
            """
            error[replay-flux-library]: there is no Flux under /nowhere
              looked for libflux-core.so.2 in /nowhere/lib, /nowhere/lib64, /nowhere/lib/x86_64-linux-gnu
              help: the option 'prefix' of the flux driver names where Flux is installed on the head
            """,
            thrown.Message);
    }

    private static ReplayHeader Header(params (string Name, string Value)[] options)
    {
        var header = new ReplayHeader { Trial = "t1", Scheduler = "flux", Jobs = 1 };
        header = header with { Options = header.Options.Add("payload", "/opt/agent").Add("stamps", "/var/stamps.jsonl") };
        foreach (var (name, value) in options) header = header with { Options = header.Options.SetItem(name, value) };
        return header;
    }

    private static string Text(Submission submission, ReplayHeader? header = null)
    {
        header ??= Header();
        var bytes = new FluxJobspec(header.Trial, FluxOptions.Read(header)).Of(submission);
        Assert.Equal(0, bytes[^1]);
        return Encoding.UTF8.GetString(bytes.AsSpan(0, bytes.Length - 1));
    }
}

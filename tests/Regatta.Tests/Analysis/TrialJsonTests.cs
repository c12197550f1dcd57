using System.Text;
using System.Text.RegularExpressions;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

public sealed partial class TrialJsonTests
{
    private static readonly TrialRecord Record = Trials.Record() with
    {
        Settings = ImmutableSortedDictionary<string, string>.Empty.Add("accounting", "off"),
        Workers = ["w1", "w2"],
        ClocksBefore = [new("w1", -120, 40)],
        Harness = new(1.5, 1 << 20),
        ControlPlane = [new("head", "slurmctld", 2.25, 1 << 24)],
        Passes = [new("main", 3, 0.5, 60)],
        Faults = [new(Trials.Origin, "w1", "it was lost"), new(Trials.Origin, null, "Slurm does not take jobs")],
        Jobs = 60,
    };

    [Fact]
    public async Task A_record_comes_back()
    {
        var json = await Json(Record);
        var read = await TrialJson.ReadRecordAsync(Stream(json), "trial.json", default);

        Assert.Equal(json, await Json(read));
        Assert.Equal(Record.Settings, read.Settings);
        Assert.Equal(Record.ClocksBefore, read.ClocksBefore);
        Assert.Equal(Record.Passes, read.Passes);
        Assert.Equal(Record.Faults, read.Faults);
    }

    [Theory]
    [InlineData(MachineKind.Simulation, "simulation")]
    [InlineData(MachineKind.QemuKvm, "qemu-kvm")]
    [InlineData(MachineKind.QemuTcg, "qemu-tcg")]
    public async Task Machines_have_the_names_that_they_always_had(MachineKind machines, string name)
    {
        var json = await Json(Record with { Machines = machines });

        Assert.Contains($"\"machines\": \"{name}\"", json, StringComparison.Ordinal);
        Assert.Equal(machines, (await TrialJson.ReadRecordAsync(Stream(json), "trial.json", default)).Machines);
        var unknown = await Assert.ThrowsAsync<DiagnosticException>(() => TrialJson.ReadRecordAsync(Stream(json.Replace(name, "abacus", StringComparison.Ordinal)), "trial.json", default));
        Assert.StartsWith("error[trial-broken]", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_comes_back()
    {
        var audit = TrialAudit.Of(new Trial(Record, JobTable.From([Trials.Job(1, 8, 0, 1, 2)])));
        var stream = new MemoryStream();
        await TrialJson.WriteAsync(stream, audit, default);
        var text = Encoding.UTF8.GetString(stream.ToArray());

        var read = await TrialJson.ReadAuditAsync(Stream(text), "audit.json", default);

        Assert.Contains("\"verdict\": \"Invalid\"", text);
        Assert.Equal(audit.Findings.Select(f => f.Text), read.Findings.Select(f => f.Text));
        Assert.Equal(TrialVerdict.Invalid, read.Verdict);
    }

    [Fact]
    public async Task Fields_that_later_versions_added_keep_their_defaults_when_left_out()
    {
        var json = Optional().Replace(await Json(Record), "");
        var read = await TrialJson.ReadRecordAsync(Stream(json), "trial.json", default);

        Assert.Empty(read.Workers);
        Assert.Empty(read.Settings);
        Assert.Equal(TrialVerdict.Valid, TrialAudit.Of(new Trial(read with { Jobs = null }, JobTable.From([Trials.Job(1, 1, 0, 1, 2)]))).Verdict);
    }

    [Theory]
    [InlineData("", "error[trial-broken]: trial.json cannot be read as a trial\n  at trial.json:1:1\n")]
    [InlineData("{\n  \"point\": 7\n}", "error[trial-broken]: trial.json cannot be read as a trial\n  at trial.json:2:13\n")]
    [InlineData("{}", "error[trial-broken]: trial.json cannot be read as a trial\n")]
    [InlineData("null", "error[trial-broken]: trial.json holds nothing but 'null'\n")]
    [InlineData("{\"point\": nul", "error[trial-broken]: trial.json cannot be read as a trial\n  at trial.json:1:")]
    public async Task What_is_not_a_trial_is_refused(string json, string start)
    {
        var e = await Assert.ThrowsAsync<DiagnosticException>(() => TrialJson.ReadRecordAsync(Stream(json), "trial.json", default));

        Assert.StartsWith(start, e.Diagnostics.Single().ToString());
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 9", "trial.json has version 9; this program reads 1 to 1")]
    [InlineData("\"processors\": 4", "\"processors\": 0", "trial.json: processors is 0, and must be 1 to 16,777,216")]
    [InlineData("\"block\": 1", "\"block\": -1", "trial.json: block is -1, and must be at least 1")]
    public async Task Values_that_cannot_be_are_named(string found, string put, string summary)
    {
        var json = (await Json(Record)).Replace(found, put, StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<DiagnosticException>(() => TrialJson.ReadRecordAsync(Stream(json), "trial.json", default));

        Assert.Equal(summary, e.Diagnostics.Single().Summary);
    }

    [GeneratedRegex("\"(workers|clocksBefore|clocksAfter|controlPlane|faults)\": \\[[^]]*\\],|\"settings\": \\{[^}]*\\},|\"nodeProcessors\": \\{\\},")]
    private static partial Regex Optional();

    private static async Task<string> Json(TrialRecord record)
    {
        var stream = new MemoryStream();
        await TrialJson.WriteAsync(stream, record, default);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}

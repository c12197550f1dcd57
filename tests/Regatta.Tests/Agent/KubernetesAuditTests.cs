using System.Text.Json;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Whose clock the times of jobs are read from: the audit log's where there is one.</summary>
public sealed class KubernetesAuditTests
{
    [Fact]
    public void Stamps_of_whole_seconds_are_not_used()
    {
        var told = new KubernetesRecordings(["rv-1", "rb-1"]).Tell("watch-vcjobs-real-node.http.jsonl", "watch-pods-real-node.http.jsonl");
        told.Tracker.Conclude(told.Now);
        // All that was recorded happened in 2026; every stamp is that of an arrival.
        Assert.All(told.Events, e => Assert.InRange(e.Time, 1_000_000, told.Now));
        Assert.Equal((JobState.Completed, "cp0"), (told.Row.State, told.Row.NodeList));
    }

    [Fact]
    public void The_audit_logs_microseconds_are_taken_where_it_has_the_event()
    {
        var told = new KubernetesRecordings(["rv-1"], audited: true);
        Audit(told, "jobs", null, "rv-1", "2026-11-23T23:53:12.111222Z", "2026-11-23T23:53:12.222333Z");
        Audit(told, "pods", "binding", "rv-1-t-1", "2026-11-23T23:53:13.500001Z", "2026-11-23T23:53:13.600001Z");
        Audit(told, "pods", "binding", "rv-1-t-0", "2026-11-23T23:53:13.500002Z", "2026-11-23T23:53:13.600002Z");
        Audit(told, "pods", "binding", "rv-1-t-2", "2026-11-23T23:53:13.500003Z", "2026-11-23T23:53:13.600003Z");
        told.Tracker.Accepted(1, 3, 1);
        told.Tell("watch-vcjobs-real-node.http.jsonl", "watch-pods-real-node.http.jsonl");
        var eligible = told.Events.Single(e => e.Kind == JobEventKind.Eligible);
        Assert.Equal(("audit.log", Micros("2026-11-23T23:53:12.222333Z")), (eligible.Source, eligible.Time));
        var decided = told.Events.First(e => e.Kind == JobEventKind.Decided);
        Assert.Equal("audit.log", decided.Source);
        Assert.InRange(decided.Time, Micros("2026-11-23T23:53:13.500001Z"), Micros("2026-11-23T23:53:13.500003Z"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_job_whose_creation_is_answered_after_its_pods_were_bound_was_not_decided_on_before_it_was_eligible(bool answeredFirst)
    {
        // Seen on a loaded API server: the answer to the creation took 86 ms, and the request to bind the pod came 7 ms before it.
        var told = new KubernetesRecordings(["rv-1"], audited: true);
        void Created() => Audit(told, "jobs", null, "rv-1", "2026-11-23T23:53:12.111222Z", "2026-11-23T23:53:13.600000Z");
        if (answeredFirst) Created();
        for (var i = 0; i < 3; i++) Audit(told, "pods", "binding", $"rv-1-t-{i}", "2026-11-23T23:53:13.500000Z", "2026-11-23T23:53:13.700000Z");
        told.Tracker.Accepted(1, 3, 1);
        told.Tell("watch-vcjobs-real-node.http.jsonl", "watch-pods-real-node.http.jsonl");
        if (!answeredFirst) Created();

        var at = Micros(answeredFirst ? "2026-11-23T23:53:13.600000Z" : "2026-11-23T23:53:13.500000Z");
        Assert.Equal(("audit.log", at), told.Events.Where(e => e.Kind == JobEventKind.Eligible).Select(e => (e.Source, e.Time)).Single());
        Assert.All(told.Events.Where(e => e.Kind == JobEventKind.Decided), e => Assert.Equal(("audit.log", at), (e.Source, e.Time)));
    }

    [Fact]
    public void A_binding_that_the_audit_log_does_not_have_is_observed_after_a_while()
    {
        var told = new KubernetesRecordings(["rv-1"], audited: true).Tell("watch-vcjobs-real-node.http.jsonl", "watch-pods-real-node.http.jsonl");
        told.Tracker.Pass(told.Now + 10_000_000);
        Assert.All(told.Events, e => Assert.Equal("observed", e.Source));
        Assert.True(told.Row.Eligible <= told.Row.Decided);
    }

    [Fact]
    public void A_refused_creation_in_the_audit_log_is_none()
    {
        var told = new KubernetesRecordings(["rv-1"], audited: true);
        told.Tracker.Read(JsonSerializer.Deserialize(Line("jobs", null, "rv-1", "2026-11-23T23:53:12.111222Z", "2026-11-23T23:53:12.222333Z", 409), KubernetesJson.Default.AuditLine)!, _ => 1);
        Assert.Empty(told.Events);
    }

    private static void Audit(KubernetesRecordings told, string resource, string? subresource, string name, string received, string done) =>
        told.Tracker.Read(JsonSerializer.Deserialize(Line(resource, subresource, name, received, done, 201), KubernetesJson.Default.AuditLine)!, n => n == "rv-1" ? 1 : null);

    private static string Line(string resource, string? subresource, string name, string received, string done, int code) =>
        $$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete","verb":"create","objectRef":{"resource":"{{resource}}","name":"{{name}}"{{(subresource is null ? "" : $",\"subresource\":\"{subresource}\"")}}},"responseStatus":{"code":{{code}}},"requestReceivedTimestamp":"{{received}}","stageTimestamp":"{{done}}"}""";

    private static long Micros(string time) => (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcTicks - DateTime.UnixEpoch.Ticks) / 10;
}

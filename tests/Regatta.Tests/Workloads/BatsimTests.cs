using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Workloads of Batsim, in both namings of its profiles; made up after its documentation.</summary>
public sealed class BatsimTests
{
    internal const string Sample = """
        {"nb_res": 16, "jobs": [
          {"id": 7, "subtime": 0, "walltime": 60, "res": 4, "profile": "ten"},
          {"id": "w0!9", "subtime": 2.5, "walltime": -1, "res": 16, "profile": "twice"},
          {"id": "late", "subtime": 4, "res": 1, "profile": "new"},
          {"id": "p", "subtime": 5, "res": 2, "profile": "compute"}],
         "profiles": {
          "ten": {"type": "delay", "delay": 10}, "new": {"type": "DelayProfile", "delay": 0.5},
          "twice": {"type": "composed", "repeat": 2, "seq": ["ten", "inner"]}, "inner": {"type": "SequentialCompositionProfile", "seq": ["new", "new"]},
          "compute": {"type": "parallel_homogeneous", "cpu": 1e9, "com": 0}}}
        """;

    private static Workload Read(string text, SwfMode mode = SwfMode.Lenient, string name = "w.json") =>
        WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name, mode, TestContext.Current.CancellationToken);

    [Fact]
    public void Profiles_that_say_a_time_become_run_times()
    {
        var read = Read(Sample, name: "anything");
        Assert.Equal([(7, 4, 10.0, 60.0), (9, 16, 22.0, -1.0), (10, 1, 0.5, -1.0)], read.Jobs.Select(job => ((int)job.Id, job.Processors, job.RunTime.TotalSeconds, job.RequestedTime?.TotalSeconds ?? -1)));
        Assert.Equal((16, TimeSpan.FromSeconds(2.5)), (read.SourceProcessors!.Value, read.Jobs[1].Submit));
        Assert.Contains("1 jobs of profiles of type 'parallel_homogeneous'", read.Diagnostics.Single(d => d.Code == "trace-left-out").Summary, StringComparison.Ordinal);
        Assert.Contains("1 jobs have new numbers", read.Diagnostics.Single(d => d.Code == "trace-changed").Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_back_and_what_is_lost_is_said()
    {
        var read = Read(Sample);
        var changed = read with { Jobs = [.. read.Jobs.Select(job => job with { User = 3 })] };
        using var stream = new MemoryStream();
        var lost = WorkloadFile.Write(changed, stream, "out.json", TestContext.Current.CancellationToken);
        Assert.Contains("user, group and queue of 3 jobs", lost.Single().Summary, StringComparison.Ordinal);
        var back = Read(Encoding.UTF8.GetString(stream.ToArray()), SwfMode.Strict);
        Assert.Equal(read.Jobs, back.Jobs);
        Assert.Equal(16, back.SourceProcessors);
    }

    [Theory]
    [InlineData("""{"nb_res": 4""", "batsim-json", "is no JSON")]
    [InlineData("""{"nb_res": 4, "profiles": {}}""", "batsim-json", "it has no list 'jobs'")]
    [InlineData("""{"nb_res": 4, "jobs": []}""", "batsim-json", "it has no object 'profiles'")]
    [InlineData("""{"nb_res": 4, "jobs": [{"id": 1, "subtime": 0, "res": 1, "profile": "x"}], "profiles": {}}""", "batsim-json", "job 1 of its list has the profile 'x', which is not among the profiles")]
    [InlineData("""{"nb_res": 4, "jobs": [{"id": 1, "res": 1, "profile": "x"}], "profiles": {}}""", "batsim-json", "job 1 of its list has no 'subtime'")]
    [InlineData("""{"nb_res": 4, "jobs": [{"id": 1, "subtime": 0, "res": 1, "profile": "x"}], "profiles": {"x": {"type": "composed", "seq": ["x"]}}}""", "workload-no-jobs", "holds no job")]
    public void What_is_no_such_workload_is_told(string text, string code, string told)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Read(text, SwfMode.Strict)).Diagnostics[0];
        Assert.Equal(code, fault.Code);
        Assert.Contains(told, fault.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_that_cannot_be_read_are_counted()
    {
        var read = Read(Sample.Replace("\"res\": 16", "\"res\": 0", StringComparison.Ordinal));
        Assert.Contains("1 jobs cannot be read and are left out; job 2 of its list has no 'res'", read.Diagnostics.Single(d => d.Code == "trace-row").Summary, StringComparison.Ordinal);
        Assert.Equal(2, read.Jobs.Length);
    }
}

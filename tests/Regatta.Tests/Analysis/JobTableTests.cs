using System.Text;
using CsCheck;
using Parquet;
using Parquet.Schema;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

public sealed class JobTableTests
{
    private static readonly Gen<long?> Stamp = Gen.Long[0, 1L << 60].Nullable();

    private static readonly Gen<JobRecord> Job =
        from numbers in Gen.Select(Gen.Long, Gen.Int, Gen.Int, Gen.Int, Gen.Int[0, 1 << 20], Gen.Int[0, 100])
        from texts in Gen.Select(OneOf(null, "w1", "w[1-2]", "ü"), OneOf(null, "17", "17_3"))
        from times in Gen.Select(Gen.Long[0, 1L << 50], Stamp)
        from stamps in Stamp.Array[8]
        from end in Gen.Select(Gen.Enum<JobState>(), Gen.Int[0, 255].Nullable(), Gen.Int[0, 9])
        select new JobRecord
        {
            Job = numbers.Item1,
            User = numbers.Item2,
            Group = numbers.Item3,
            Queue = numbers.Item4,
            Processors = numbers.Item5,
            Nodes = numbers.Item6,
            NodeList = texts.Item1,
            SchedulerId = texts.Item2,
            RunTime = times.Item1,
            Drains = numbers.Item2 % 3 == 0,
            RequestedTime = times.Item2,
            Planned = stamps[0],
            Sent = stamps[1],
            Accepted = stamps[2],
            Eligible = stamps[3],
            Decided = stamps[4],
            Start = stamps[5],
            Finish = stamps[6],
            Released = stamps[7],
            State = end.Item1,
            ExitCode = end.Item2,
            Requeues = end.Item3,
        };

    private static Gen<string?> OneOf(params string?[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    [Fact]
    public async Task Every_job_comes_back_from_the_table_and_from_parquet() =>
        await Job.List[0, 40].SampleAsync(
            async jobs =>
            {
                var table = JobTable.From(jobs);
                Assert.Equal(jobs, table.Records);
                Assert.Equal(jobs, (await RoundTrip(table)).Records);
            },
            iter: 50);

    [Fact]
    public async Task Row_groups_follow_one_another()
    {
        var table = JobTable.From(Enumerable.Range(1, 1_000_003).Select(i => new JobRecord { Job = i, Processors = i % 7, SchedulerId = i % 500_000 == 0 ? "x" : null }));

        var read = await RoundTrip(table);

        Assert.Equal(table.Count, read.Count);
        Assert.True(table.Job.SequenceEqual(read.Job));
        Assert.True(table.Processors.SequenceEqual(read.Processors));
        Assert.Equal("x", read.SchedulerId(999_999));
    }

    [Fact]
    public async Task A_number_of_processors_that_no_machine_has_is_damage()
    {
        var table = JobTable.From([new JobRecord { Job = 1, Processors = 1 << 24 }, new JobRecord { Job = 2, Processors = (1 << 24) + 1 }]);

        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => RoundTrip(table));

        Assert.Contains("row 2 (job 2) has 16777217 processors", thrown.Diagnostics[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not parquet at all, but some text that is long enough")]
    [InlineData("PAR1")]
    [InlineData("PAR1\u0001\u0002\u0003\u0004PAR1")]
    public async Task What_is_not_parquet_is_said_to_be_broken(string content)
    {
        var e = await Assert.ThrowsAsync<DiagnosticException>(() =>
            JobTable.ReadAsync(new MemoryStream(Encoding.Latin1.GetBytes(content)), "jobs.parquet", default));

        var text = e.Diagnostics.Single().ToString();
        Assert.StartsWith("error[jobs-broken]: jobs.parquet cannot be read as a table of jobs\n  at jobs.parquet\n  ", text);
        Assert.EndsWith("help: the file is damaged or cut off; 'regatta resume' runs the trial again when its directory lacks the file", text);
    }

    [Fact]
    public async Task A_file_that_is_cut_off_anywhere_is_said_to_be_broken()
    {
        var whole = await Bytes(JobTable.From([Trials.Job(1, 1, 0, 1, 2), Trials.Job(2, 1, 0, 1, 2)]));
        for (var length = 0; length < whole.Length; length += 97)
        {
            var e = await Assert.ThrowsAsync<DiagnosticException>(() => JobTable.ReadAsync(new MemoryStream(whole[..length]), "jobs.parquet", default));
            Assert.Equal("jobs-broken", e.Diagnostics.Single().Code);
        }
    }

    [Fact]
    public async Task A_flipped_byte_gives_a_table_or_a_diagnostic()
    {
        var whole = await Bytes(JobTable.From(Enumerable.Range(1, 50).Select(i => Trials.Job(i, 1, 0, 1, 2))));
        var refused = 0;
        for (var place = 0; place < whole.Length; place += 13)
        {
            var damaged = whole.ToArray();
            damaged[place] ^= 0xff;
            try
            {
                await JobTable.ReadAsync(new MemoryStream(damaged), "jobs.parquet", default);
            }
            catch (DiagnosticException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public async Task Another_parquet_file_is_named_as_such()
    {
        var e = await Refused(null, new DataField<long>("job"));

        Assert.Equal(
            "error[jobs-not-ours]: x.parquet is a Parquet file, but not one of jobs\n  at x.parquet\n"
            + "  help: its metadata lacks 'regatta.jobs.version'; give a jobs.parquet of a run directory",
            e.Diagnostics.Single().ToString());
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        var e = await Refused("2", new DataField<long>("job"));

        Assert.Equal("x.parquet has schema version 2; this program reads 1 to 1", e.Diagnostics.Single().Summary);
    }

    [Fact]
    public async Task Every_missing_or_mistyped_column_is_named()
    {
        var e = await Refused("1", new DataField<string>("job"));

        Assert.Equal(21, e.Diagnostics.Count);
        Assert.Contains(e.Diagnostics, d => d.Summary == "x.parquet lacks the column 'start_us'");
        Assert.StartsWith("x.parquet: column 'job' is of type ", e.Diagnostics[0].Summary);
    }

    private static async Task<DiagnosticException> Refused(string? version, DataField field)
    {
        var stream = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), stream))
        {
            if (version is not null) writer.CustomMetadata = new Dictionary<string, string> { ["regatta.jobs.version"] = version };
            using var group = writer.CreateRowGroup();
            if (field is DataField<long>) await group.WriteAsync<long>(field, new long[] { 1 }.AsMemory());
            else await group.WriteAsync(field, new[] { "1" });
        }

        return await Assert.ThrowsAsync<DiagnosticException>(() => JobTable.ReadAsync(new MemoryStream(stream.ToArray()), "x.parquet", default));
    }

    private static async Task<JobTable> RoundTrip(JobTable table) =>
        await JobTable.ReadAsync(new MemoryStream(await Bytes(table)), "jobs.parquet", default);

    private static async Task<byte[]> Bytes(JobTable table)
    {
        var stream = new MemoryStream();
        await table.WriteAsync(stream, default);
        return stream.ToArray();
    }
}

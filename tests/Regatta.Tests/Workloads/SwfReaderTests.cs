using System.Text;
using CsCheck;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class SwfReaderTests
{
    private const string Good = SwfText.Header + "1 0 5 10 4 9.5 100 4 20 200 1 3 2 7 1 1 -1 -1\n2 7 -1 3 -1 -1 -1 1 -1 -1 -1 4 -1 -1 -1 -1 1 30\n";

    [Theory]
    [InlineData(SwfMode.Strict)]
    [InlineData(SwfMode.Lenient)]
    public void Reads_all_eighteen_fields_and_the_header(SwfMode mode)
    {
        var records = SwfText.Read(Good, mode, out var reader);

        Assert.Equal(2, records.Count);
        Assert.Equal(
            new SwfRecord
            {
                JobNumber = 1, Submit = 0, Wait = 5, RunTime = 10, AllocatedProcessors = 4, AverageCpuTime = 9.5, UsedMemory = 100,
                RequestedProcessors = 4, RequestedTime = 20, RequestedMemory = 200, Status = 1, User = 3, Group = 2, Executable = 7,
                Queue = 1, Partition = 1, PrecedingJob = -1, ThinkTime = -1,
            },
            records[0]);
        Assert.Equal(SwfRecord.Unknown(2, 7) with { RunTime = 3, RequestedProcessors = 1, User = 4, PrecedingJob = 1, ThinkTime = 30 }, records[1]);
        Assert.Equal(8, reader.Header.MaxProcs);
        Assert.Equal("2.2", reader.Header["version"]);
        Assert.True(reader.Repairs.None);
    }

    [Fact]
    public void A_carriage_return_within_a_comment_becomes_a_space_and_the_header_can_be_written()
    {
        using var reader = new SwfReader(SwfText.Stream(SwfText.Header + "; Note: one\rtwo\n" + SwfText.Line(1, 0)), "t.swf");
        using var written = new MemoryStream();
        using (new SwfWriter(written, reader.Header)) { }

        Assert.EndsWith("; Note: one two\n", Encoding.UTF8.GetString(written.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_gzip_as_well()
    {
        using var reader = new SwfReader(new MemoryStream(SwfText.Gzip(Encoding.UTF8.GetBytes(Good))), "t.swf.gz", SwfMode.Strict);
        Assert.Equal([1L, 2L], reader.ReadAll().Select(record => record.JobNumber));
    }

    [Theory]
    [InlineData("1 0 -1 10 1.5 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "swf-fractional-count", "the allocated processors is '1.5', not a whole number", 3, 11, 3)]
    [InlineData("1 0 -1 NaN 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "swf-not-a-number", "the run time is 'NaN', which is no number in range", 3, 8, 3)]
    [InlineData("1 0 -1 -7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "swf-negative-value", "the run time is negative", 3, 8, 2)]
    [InlineData("1 -1 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "swf-negative-value", "the submit time is negative", 3, 3, 1)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 1 -1\n", "swf-missing-fields", "the line has 12 fields instead of 18", 3, 30, 1)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1 5\n", "swf-extra-fields", "the line has more than 18 fields", 3, 49, 1)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 9 -1 -1 -1 -1 -1 -1 -1\n", "swf-unknown-status", "the status is 9; the format knows -1 to 5", 3, 26, 1)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 1 3000000000 -1 -1 -1 -1 -1 -1\n", "swf-not-a-number", "the user is out of range", 3, 28, 10)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\r\n", "swf-carriage-return", "the line ends with a carriage return", 3, 48, 0)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n2 0 -1 7 1 -1 -1 1 -1", "swf-truncated-line", "the file ends in the middle of a line, after 9 of 18 fields", 4, 22, 0)]
    [InlineData("1 0 -1 7", "swf-truncated-line", "the file ends in the middle of a line, after 4 of 18 fields", 3, 9, 0)]
    [InlineData("1 0 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1", "swf-no-final-newline", "the last line has no line end: the file may have been cut off", 3, 48, 0)]
    [InlineData("1 5 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n2 3 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "swf-unsorted", "the job was submitted before the one on an earlier line: the file is not sorted by submit time", 4, 3, 1)]
    [InlineData("2 5 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n2 5 -1 7 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "swf-number-order", "job number 2 is not above the one before, 2", 4, 1, 1)]
    public void Strict_mode_names_line_and_column(string body, string code, string told, int line, int column, int marked)
    {
        var text = SwfText.Header + body;
        var excerpt = marked == 0 ? "" : $"\n    {text.Split('\n')[line - 1]}\n    {new string(' ', column - 1)}{new string('^', marked)}";
        Assert.Equal(
            $"error[{code}]: t.swf: {told}\n  at t.swf:{line}:{column}{excerpt}\n  help: read it in lenient mode (strict=false), which repairs such lines and counts the repairs",
            SwfText.Fault(text, SwfMode.Strict));
    }

    [Fact]
    public void Strict_mode_takes_fractions_in_time_fields()
    {
        var record = Assert.Single(SwfText.Read(SwfText.Header + "1 0.25 1.5 10.125 1 9.75 -1 1 20.5 -1 1 -1 -1 -1 -1 -1 3 0.5\n", SwfMode.Strict, out var reader));
        Assert.Equal((0.25, 1.5, 10.125, 9.75, 20.5, 0.5), (record.Submit, record.Wait, record.RunTime, record.AverageCpuTime, record.RequestedTime, record.ThinkTime));
        Assert.True(reader.Repairs.None);
    }

    [Theory]
    [InlineData("1 0 0 30 2\n2 10 0 20 3\n3 12 0 40 8", 3, SwfRepairKind.NoFinalNewline)]
    [InlineData("1 0 0 30 2", 1, SwfRepairKind.NoFinalNewline)]
    [InlineData("1 0 0 30 2 -1 -1\n2 10 0 20 3\n3 12 0 40 8", 3, SwfRepairKind.NoFinalNewline)]
    [InlineData("1 0 0 30 2 -1 -1\n2 10 0 20 3 -1 -1\n3 12 0 40 8", 2, SwfRepairKind.TruncatedLine)]
    [InlineData("1 0 0 30 2\n2 10 0 20 3\n3 12 0 40", 2, SwfRepairKind.TruncatedLine)]
    public void A_last_line_without_an_end_is_a_job_when_it_is_as_long_as_others(string rows, int jobs, SwfRepairKind kind)
    {
        Assert.Equal(jobs, SwfText.Read("; MaxProcs: 10\n" + rows, SwfMode.Lenient, out var reader).Count);
        Assert.Equal(1, reader.Repairs[kind]);
        Assert.Equal(1, reader.Repairs[SwfRepairKind.NoFinalNewline] + reader.Repairs[SwfRepairKind.TruncatedLine]);
    }

    [Fact]
    public void Strict_mode_wants_a_header() =>
        Assert.StartsWith("error[swf-no-header]: t.swf: no header comment stands before the first job\n  at t.swf:1:1", SwfText.Fault(SwfText.Line(1, 0), SwfMode.Strict), StringComparison.Ordinal);

    [Fact]
    public void Lenient_mode_repairs_and_counts_by_kind()
    {
        var text = "\uFEFF" + SwfText.Line(1, 0).Replace("\n", "\r\n", StringComparison.Ordinal)
            + "\n; a comment\n"
            + "4 10.25 -1 2.5 1 -1 -1 1.6 -1 -1 9 -1 -1 -1 -1 -1 -1 -1\n"
            + "5 3 -1 NaN 1 -1 -1 1 -8 -1 1 -1 -1 -1 -1 -1 -1 -1 77 78\n"
            + "5 12 -1 2 1\n"
            + "what is this\n"
            + "6 13 -1 2 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n"
            + "7 14 -1 2";

        var records = SwfText.Read(text, SwfMode.Lenient, out var reader);

        Assert.Equal([1L, 4, 5, 5, 6], records.Select(record => record.JobNumber));
        Assert.Equal(SwfRecord.Unknown(4, 10.25) with { RunTime = 2.5, AllocatedProcessors = 1, RequestedProcessors = 2 }, records[1]);
        Assert.Equal(-1, records[2].RunTime);
        Assert.Equal(-1, records[2].RequestedTime);
        Assert.Equal(
            [
                new(SwfRepairKind.NoHeader, 1, 1, 1), new(SwfRepairKind.ByteOrderMark, 1, 1, 1), new(SwfRepairKind.CarriageReturn, 1, 1, 49),
                new(SwfRepairKind.TruncatedLine, 1, 9, 10), new(SwfRepairKind.BlankLine, 1, 2, 1), new(SwfRepairKind.CommentInBody, 1, 3, 1),
                new(SwfRepairKind.UnreadableLine, 1, 7, 1), new(SwfRepairKind.MissingFields, 1, 6, 12), new(SwfRepairKind.ExtraFields, 1, 5, 51),
                new(SwfRepairKind.NotANumber, 1, 5, 8), new(SwfRepairKind.NegativeValue, 1, 5, 22), new(SwfRepairKind.FractionalTime, 2, 4, 3),
                new(SwfRepairKind.FractionalCount, 1, 4, 24), new(SwfRepairKind.Unsorted, 1, 5, 3), new(SwfRepairKind.NumberNotAscending, 1, 6, 1),
                new(SwfRepairKind.SparseNumber, 1, 4, 1), new SwfRepair(SwfRepairKind.UnknownStatus, 1, 4, 34),
            ],
            reader.Repairs.All);
        Assert.Equal(
            "warning[swf-unsorted]: t.swf: 1 job stands after one that was submitted later: sorted by submit time when loaded\n  at t.swf:5:3",
            reader.Repairs.Diagnostics("t.swf").Single(d => d.Code == "swf-unsorted").ToString());
        Assert.Equal(
            "warning[swf-truncated-line]: t.swf: the last line is cut off and was dropped: the file is not complete\n  at t.swf:9:10",
            reader.Repairs.Diagnostics("t.swf").Single(d => d.Code == "swf-truncated-line").ToString());
    }

    [Theory]
    [InlineData("", "error[swf-empty]: t.swf is empty\n  at t.swf\n  help: a workload needs at least one line of 18 fields")]
    [InlineData(SwfText.Header, "error[swf-empty]: t.swf holds no job\n  at t.swf\n  help: a workload needs at least one line of 18 fields")]
    [InlineData("1 0 -1", "error[swf-empty]: t.swf is cut off in its first job\n  at t.swf\n  help: a workload needs at least one line of 18 fields")]
    [InlineData("PK\u0003\u0004\0\0more", "error[swf-not-swf]: t.swf is a binary file, not a workload in the Standard Workload Format\n  at t.swf\n  help: give a text file of 18 columns, plain or compressed by gzip")]
    [InlineData("\n {\"jobs\": [\n]}\n", "error[swf-not-swf]: t.swf is not a workload in the Standard Workload Format\n  at t.swf:2:1\n  2 of the first 2 lines do not begin with a job number and a submit time\n  help: it looks like JSON: a workload in JSON has one job a line, in a file that ends in .jsonl; of other programs' JSON, Batsim's workloads and the output of sacct --json are read")]
    [InlineData("job,submit\n", "error[swf-not-swf]: t.swf is not a workload in the Standard Workload Format\n  at t.swf:1:1\n  1 of the first 1 lines do not begin with a job number and a submit time\n  help: each line holds 18 numbers separated by blanks: job number, submit time, wait time, run time, allocated processors, …; comments begin with ';'")]
    public void Files_that_hold_no_workload_are_refused_in_both_modes(string text, string expected)
    {
        Assert.Equal(expected, SwfText.Fault(text, SwfMode.Lenient));
        Assert.Throws<DiagnosticException>(() => SwfText.Read(text, SwfMode.Strict, out _));
    }

    [Fact]
    public void Prose_is_given_up_after_a_few_lines()
    {
        var text = SwfText.Fault(string.Concat(Enumerable.Repeat("the quick brown fox jumps over\n", 1000)), SwfMode.Lenient);
        Assert.Contains("20 of the first 20 lines do not begin with a job number", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_that_is_cut_off_says_how_far_it_got()
    {
        var plain = Encoding.UTF8.GetBytes(SwfText.Header + string.Concat(Enumerable.Range(1, 5000).Select(i => SwfText.Line(i, i * 7919 % 10007 + (i * 13)))));
        var packed = SwfText.Gzip(plain);
        var exception = Assert.Throws<DiagnosticException>(() =>
        {
            using var reader = new SwfReader(new MemoryStream(packed[..(packed.Length / 2)]), "t.swf.gz");
            Assert.InRange(reader.ReadAll().Count(), 1, 4999);
        });
        Assert.StartsWith("error[swf-gzip]: t.swf.gz: the compressed data are damaged or cut off\n  at t.swf.gz:", exception.Diagnostics[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_of_several_members_is_one_file()
    {
        byte[] packed = [.. SwfText.Gzip(Encoding.UTF8.GetBytes(SwfText.Header)), .. SwfText.Gzip(Encoding.UTF8.GetBytes(SwfText.Line(1, 0))), .. SwfText.Gzip(Encoding.UTF8.GetBytes(SwfText.Line(2, 4)))];
        using var reader = new SwfReader(new MemoryStream(packed), "t.swf.gz", SwfMode.Strict);
        Assert.Equal(2, reader.ReadAll().Count());
    }

    [Fact]
    public void A_line_of_100_MB_is_skipped_in_bounded_memory()
    {
        using var stream = new LongLineStream(100_000_000, Encoding.UTF8.GetBytes("\n" + SwfText.Line(1, 0)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = new SwfReader(stream, "t.swf");
        var records = reader.ReadAll().ToList();
        Assert.Single(records);
        Assert.Equal(1, reader.Repairs[SwfRepairKind.LongLine]);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4_000_000);
    }

    [Fact]
    public void Strict_mode_refuses_a_line_of_100_MB()
    {
        using var stream = new LongLineStream(100_000_000, []);
        var exception = Assert.Throws<DiagnosticException>(() => new SwfReader(stream, "t.swf", SwfMode.Strict));
        Assert.StartsWith("error[swf-long-line]: t.swf: the line is longer than 65536 bytes\n  at t.swf:1:1", exception.Diagnostics[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_bytes_there_is_a_diagnostic_or_a_workload_never_a_crash()
    {
        var pieces = Gen.OneOf([.. new[] { "1", "-1", "0", "7.5", "NaN", "-", "+", "1e9", "99999999999999999999", " ", " ", "\t", "\n", "\n", "\r\n", ";", "; MaxProcs: x", "\0", "é", "\u001f\u008b" }.Select(Gen.Const)]);
        Gen.Select(pieces.Array[0, 300].Select(string.Concat), Gen.Byte.Array[0, 200], Gen.Bool, Gen.Bool).Sample((text, raw, useRaw, strict) =>
        {
            var bytes = useRaw ? raw : Encoding.Latin1.GetBytes(text);
            try
            {
                using var reader = new SwfReader(new MemoryStream(bytes), "t.swf", strict ? SwfMode.Strict : SwfMode.Lenient);
                var workload = SwfJobs.Load(reader, "t.swf");
                return JobValidation.Check(workload.Jobs, "t.swf").IsEmpty;
            }
            catch (DiagnosticException e)
            {
                return e.Diagnostics.Count > 0;
            }
        }, iter: 20_000);
    }

    [Fact]
    public void A_good_file_with_flipped_bytes_never_crashes()
    {
        var good = Encoding.ASCII.GetBytes(Good);
        var packed = SwfText.Gzip(good);
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 1 << 20], Gen.Byte).Array[1, 6], Gen.Int[0, 400]).Sample((gzip, changes, cut) =>
        {
            var bytes = (gzip ? packed : good).ToArray();
            foreach (var (at, value) in changes) bytes[at % bytes.Length] = value;
            bytes = bytes[..Math.Max(0, bytes.Length - (cut < 200 ? 0 : cut - 200))];
            try
            {
                using var reader = new SwfReader(new MemoryStream(bytes), "t.swf");
                return reader.ReadAll().Count() is > 0 and < 400;
            }
            catch (DiagnosticException)
            {
                return true;
            }
        }, iter: 20_000);
    }

    [Fact]
    public void Cancels_in_the_middle()
    {
        using var source = new CancellationTokenSource();
        using var reader = new SwfReader(SwfText.Stream(SwfText.Header + string.Concat(Enumerable.Range(1, 20_000).Select(i => SwfText.Line(i, i)))), "t.swf");
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var record in reader.ReadAll(source.Token))
            {
                if (record.JobNumber == 5) source.Cancel();
            }
        });
    }

    private sealed class LongLineStream(long length, byte[] tail) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            if (Given < length)
            {
                var given = (int)Math.Min(buffer.Length, length - Given);
                buffer[..given].Fill((byte)'1');
                Given += given;
                return given;
            }

            var rest = tail.AsSpan((int)(Given - length));
            var end = Math.Min(buffer.Length, rest.Length);
            rest[..end].CopyTo(buffer);
            Given += end;
            return end;
        }
    }
}

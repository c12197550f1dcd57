using System.Text;
using CsCheck;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class SwfWriterTests
{
    private static readonly Gen<double> Seconds = Gen.Frequency(
        (4, Gen.Int[-1, 1_000_000].Select(value => (double)value)),
        (1, Gen.Long[0, 1L << 53].Select(value => (double)value)),
        (2, Gen.Double[0, 1e9]),
        (1, Gen.Const(double.Epsilon)));

    private static readonly Gen<long> Counts = Gen.Frequency((3, Gen.Long[-1, 5000]), (1, Gen.Long[-1, 999_999_999_999_999_999]));

    private static readonly Gen<int> Small = Gen.Frequency((3, Gen.Int[-1, 100]), (1, Gen.Int[-1, int.MaxValue]));

    private static readonly Gen<SwfRecord> Records = Gen.Select(Seconds.Array[6], Counts.Array[6], Small.Array[5], Gen.Int[-1, 5], (times, counts, small, status) => new SwfRecord
    {
        JobNumber = Math.Max(0, counts[0]), Submit = Math.Max(0, times[0]), Wait = times[1], RunTime = times[2], AllocatedProcessors = counts[1], AverageCpuTime = times[3],
        UsedMemory = counts[2], RequestedProcessors = counts[3], RequestedTime = times[4], RequestedMemory = counts[4], Status = status, User = small[0], Group = small[1],
        Executable = small[2], Queue = small[3], Partition = small[4], PrecedingJob = counts[5], ThinkTime = times[5],
    });

    [Fact]
    public void What_is_written_is_read_back_bit_by_bit() =>
        Gen.Select(Records.Array[1, 30], Gen.Bool, Gen.String[Gen.Char[' ', '\u00ff'], 0, 40].Array[0, 4]).Sample((records, gzip, comments) =>
        {
            var header = new SwfHeader([.. comments.Select(comment => ";" + comment.Replace('\u0085', ' '))]);
            var bytes = SwfText.Write(header, records, gzip);
            using var reader = new SwfReader(new MemoryStream(bytes), "t.swf");
            Assert.Equal(records, reader.ReadAll());
            Assert.Equal(header, reader.Header);
            return bytes.SequenceEqual(SwfText.Write(reader.Header, records, gzip));
        }, iter: 2000);

    [Fact]
    public void A_file_in_its_plain_form_comes_back_byte_by_byte()
    {
        const string Text = "; Version: 2.2\n;\n;   MaxProcs: 64  \n; Note: Grüße\n1 0 -1 10 4 3.25 -1 4 60 -1 1 2 3 4 5 6 -1 -1\n3 10 0 0 1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 1 0\n";
        var records = SwfText.Read(Text, SwfMode.Lenient, out var reader);
        Assert.Equal(Text, Encoding.UTF8.GetString(SwfText.Write(reader.Header, records)));
    }

    [Fact]
    public void Refuses_header_lines_that_are_none()
    {
        Assert.Throws<ArgumentException>(() => SwfText.Write(new SwfHeader(["; a\n1 2 3"]), []));
        Assert.Throws<ArgumentException>(() => SwfText.Write(new SwfHeader(["1 2 3"]), []));
    }

    [Fact]
    public void Labels_are_set_and_added()
    {
        var header = SwfHeader.Empty.With("MaxProcs", "8").With("maxprocs", "16").Add("Note", "one").Add("Note", "two");
        Assert.Equal(ImmutableArray.Create("; maxprocs: 16", "; Note: one", "; Note: two"), header.Lines);
        Assert.Equal(["one", "two"], header.All("note"));
        Assert.Equal(16, header.MaxProcs);
    }
}

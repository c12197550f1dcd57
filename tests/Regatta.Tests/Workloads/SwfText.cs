using System.IO.Compression;
using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Short ways to read and write SWF in tests.</summary>
internal static class SwfText
{
    public const string Header = "; Version: 2.2\n; MaxProcs: 8\n";

    public static string Line(long number, double submit, double run = 10, int processors = 1, double requested = -1, int user = -1) =>
        FormattableString.Invariant($"{number} {submit} -1 {run} {processors} -1 -1 {processors} {requested} -1 1 {user} -1 -1 -1 -1 -1 -1\n");

    public static Stream Stream(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));

    public static List<SwfRecord> Read(string text, SwfMode mode, out SwfReader reader)
    {
        reader = new SwfReader(Stream(text), "t.swf", mode);
        return [.. reader.ReadAll()];
    }

    public static string Fault(string text, SwfMode mode)
    {
        var exception = Xunit.Assert.Throws<DiagnosticException>(() => Read(text, mode, out _));
        return exception.Diagnostics[0].ToString();
    }

    public static byte[] Write(SwfHeader header, IEnumerable<SwfRecord> records, bool gzip = false)
    {
        using var stream = new MemoryStream();
        using (var writer = new SwfWriter(stream, header, gzip))
        {
            foreach (var record in records) writer.Write(record);
        }

        return stream.ToArray();
    }

    public static byte[] Gzip(byte[] plain)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest)) gzip.Write(plain);
        return stream.ToArray();
    }
}

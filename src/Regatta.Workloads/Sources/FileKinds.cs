namespace Regatta.Workloads;

/// <summary>Names files that are no workloads for what they are, by their first bytes.</summary>
internal static class FileKinds
{
    private static readonly (byte[] Begins, string What, string Help)[] Known =
    [
        ("PAR1"u8.ToArray(), "a Parquet file", "say what its columns mean with: regatta workload convert FILE TARGET --columns map.yaml"),
        ("SQLite format 3"u8.ToArray(), "a database of SQLite", "write its table of jobs as CSV, and say what its columns mean with: regatta workload convert FILE TARGET --columns map.yaml"),
        ([0x50, 0x4b, 0x03, 0x04], "a zip archive", "unpack it, and read the file of jobs in it"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "packed with xz", "unpack it with: xz -d"),
        ([0x28, 0xb5, 0x2f, 0xfd], "packed with zstd", "unpack it with: zstd -d"),
        ("BZh"u8.ToArray(), "packed with bzip2", "unpack it with: bzip2 -d"),
        ([0x89, 0x48, 0x44, 0x46], "a file of HDF5", "write its table of jobs as Parquet or CSV"),
        ("<!DOCTYPE"u8.ToArray(), "a page of the web", "the address may need a login, or lead to a page about the file"),
        ("<html"u8.ToArray(), "a page of the web", "the address may need a login, or lead to a page about the file"),
        ("<?xml"u8.ToArray(), "XML", "SimGrid's and other simulators' XML is not read"),
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS", "fetch the file itself with: git lfs pull"),
    ];

    /// <summary>Refuses a file that is known to be of another kind.</summary>
    /// <exception cref="DiagnosticException">It is (<c>trace-kind</c>).</exception>
    public static void Check(ReadOnlySpan<byte> head, string name)
    {
        foreach (var (begins, what, help) in Known)
        {
            if (head.StartsWith(begins)) throw new DiagnosticException(Diagnostic.Error("trace-kind", $"{name} is {what}, not a workload") with { Where = new SourceRange(name), Help = help });
        }
    }
}

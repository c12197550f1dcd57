using System.ComponentModel;
using System.IO.Compression;
using CliWrap;

namespace Regatta.Images.Payloads;

/// <summary>Compressed files, told by their first bytes.</summary>
internal static class ArchiveFile
{
    private static readonly (byte[] Magic, string Program)[] Programs =
    [
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
        ([(byte)'B', (byte)'Z', (byte)'h'], "bzip2"),
    ];

    /// <summary>The path of a file's bytes without compression: the file itself, or a new one in the folder.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="folder">Where the new one is written.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It is damaged, or the program that knows its compression is missing.</exception>
    public static async Task<string> PlainAsync(string file, string name, string folder, CancellationToken cancellation)
    {
        var head = new byte[6];
        using (var stream = File.OpenRead(file)) _ = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var plain = Path.Combine(folder, $"plain-{Guid.NewGuid():N}.tar");
        if (head is [0x1F, 0x8B, ..])
        {
            await GunzipAsync(file, name, plain, cancellation);
            return plain;
        }

        foreach (var (magic, program) in Programs)
        {
            if (!head.AsSpan().StartsWith(magic)) continue;
            await ExpandAsync(program, file, name, plain, cancellation);
            return plain;
        }

        return file;
    }

    private static async Task GunzipAsync(string file, string name, string plain, CancellationToken cancellation)
    {
        try
        {
            var (source, target) = (File.OpenRead(file), File.Create(plain));
            await using (source)
            await using (target)
            {
                var gzip = new GZipStream(source, CompressionMode.Decompress);
                await using (gzip) await gzip.CopyToAsync(target, cancellation);
            }
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(name, exception.Message, exception);
        }
    }

    private static async Task ExpandAsync(string program, string file, string name, string plain, CancellationToken cancellation)
    {
        var errors = new System.Text.StringBuilder();
        try
        {
            var result = await Cli.Wrap(program).WithArguments(["-d", "-c", file])
                .WithStandardOutputPipe(PipeTarget.ToFile(plain))
                .WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(cancellation);
            if (result.ExitCode != 0) throw Damaged(name, errors.ToString().Trim(), null);
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("program-missing", $"'{name}' is compressed with {program}, which is not on this host") with { Help = $"apt-get install {(program == "xz" ? "xz-utils" : program)}" },
                exception);
        }
    }

    private static DiagnosticException Damaged(string name, string why, Exception? inner) =>
        new(Diagnostic.Error("payload-archive", $"'{name}' is damaged") with { Detail = why }, inner);
}

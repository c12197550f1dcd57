using System.Buffers.Binary;
using System.Text;

namespace Regatta.Images.Payloads;

/// <summary>What a program or library says of where it runs (System V ABI, ELF64; symbol versions as in the Linux Standard Base).</summary>
/// <param name="Machine">Its processor: <c>x86-64</c>, <c>aarch64</c>, or another one's number as <c>machine 243</c>.</param>
/// <param name="Loader">The program that loads it, such as <c>/lib64/ld-linux-x86-64.so.2</c>; null for a library, and for what is linked statically.</param>
/// <param name="Glibc">The newest version of the GNU C library that a symbol of it needs; null where none does.</param>
internal sealed record ElfFile(string Machine, string? Loader, Version? Glibc)
{
    /// <summary>The processor that images are for.</summary>
    public const string OfImages = "x86-64";

    private const int HeaderLength = 64, ProgramHeaderLength = 56;
    private const uint Load = 1, Dynamic = 2, Interpreter = 3;
    private const long StringTable = 5, StringLength = 10, VersionNeeds = 0x6ffffffe, VersionNeedCount = 0x6fffffff;
    private const long MostBytes = 1 << 22;
    private const string Prefix = "GLIBC_";

    /// <summary>Reads a file; null for one that is no ELF file. What is cut off or leads nowhere in it is left out.</summary>
    public static ElfFile? Read(PayloadFile file)
    {
        using var stream = file.Open();
        var reader = new Reader(stream, file.Offset, file.Length);
        if (reader.At(0, HeaderLength) is not { } header || !header.AsSpan(0, 4).SequenceEqual("\u007fELF"u8)) return null;
        var (is64, isLittle) = (header[4] == 2, header[5] == 1);
        int code = isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18)) : BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(18));
        // Numbers of the ABI's registry.
        var machine = (code, is64) switch { (62, true) => OfImages, (62, false) => "x32", (3, _) => "i386", (183, _) => "aarch64", (21, _) => "ppc64", (243, _) => "riscv", _ => string.Create(CultureInfo.InvariantCulture, $"machine {code}") };
        return machine == OfImages && isLittle ? Linked(reader, header) : new ElfFile(machine, null, null);
    }

    private static ElfFile Linked(Reader reader, byte[] header)
    {
        var (at, count) = (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32)), BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56)));
        var segments = new List<(uint Kind, long Offset, long Address, long Length)>();
        for (var i = 0; i < count && reader.At(at + (i * (long)ProgramHeaderLength), ProgramHeaderLength) is { } segment; i++)
        {
            segments.Add((
                BinaryPrimitives.ReadUInt32LittleEndian(segment), BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(8)),
                BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(16)), BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(32))));
        }

        var loader = segments.Where(s => s.Kind == Interpreter).Select(s => reader.At(s.Offset, s.Length) is { } text ? Text(text, 0) : null).FirstOrDefault();
        var table = segments.Where(s => s.Kind == Dynamic).Select(s => reader.At(s.Offset, s.Length)).FirstOrDefault();
        return new ElfFile(OfImages, loader, table is null ? null : Newest(reader, table, address => segments.Where(s => s.Kind == Load && address >= s.Address && address < s.Address + s.Length).Select(s => (long?)(address - s.Address + s.Offset)).FirstOrDefault()));
    }

    // The versions that it needs of its libraries: a list of libraries, each with a list of versions.
    private static Version? Newest(Reader reader, byte[] dynamic, Func<long, long?> offset)
    {
        var entries = new Dictionary<long, long>();
        for (var i = 0; i + 16 <= dynamic.Length; i += 16) entries.TryAdd(BinaryPrimitives.ReadInt64LittleEndian(dynamic.AsSpan(i)), BinaryPrimitives.ReadInt64LittleEndian(dynamic.AsSpan(i + 8)));
        if (!entries.TryGetValue(VersionNeeds, out var needs) || !entries.TryGetValue(StringTable, out var strings) || offset(needs) is not { } library || offset(strings) is not { } names) return null;
        if (reader.At(names, entries.GetValueOrDefault(StringLength)) is not { } texts) return null;
        Version? newest = null;
        for (var left = entries.GetValueOrDefault(VersionNeedCount); left > 0 && reader.At(library, 16) is { } entry; left--)
        {
            var version = library + BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(8));
            for (var more = (int)BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(2)); more > 0 && reader.At(version, 16) is { } one; more--)
            {
                if (Text(texts, BinaryPrimitives.ReadUInt32LittleEndian(one.AsSpan(8))) is { } name && name.StartsWith(Prefix, StringComparison.Ordinal)
                    && Version.TryParse(name[Prefix.Length..], out var needed) && (newest is null || needed > newest)) newest = needed;
                version += BinaryPrimitives.ReadUInt32LittleEndian(one.AsSpan(12));
            }

            library += BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(12));
        }

        return newest;
    }

    private static string? Text(byte[] bytes, long at)
    {
        if (at < 0 || at >= bytes.Length) return null;
        var end = Array.IndexOf(bytes, (byte)0, (int)at);
        return Encoding.ASCII.GetString(bytes, (int)at, (end < 0 ? bytes.Length : end) - (int)at);
    }

    private sealed class Reader(Stream stream, long start, long length)
    {
        /// <summary>So many bytes from a place of the file on; null where it does not have them.</summary>
        public byte[]? At(long offset, long count)
        {
            if (offset < 0 || count is <= 0 or > MostBytes || offset > length - count) return null;
            var bytes = new byte[count];
            stream.Seek(start + offset, SeekOrigin.Begin);
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}

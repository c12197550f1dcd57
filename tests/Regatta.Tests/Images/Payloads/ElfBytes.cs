using System.Buffers.Binary;
using System.Text;

namespace Regatta.Tests.Images.Payloads;

/// <summary>Programs in ELF's form that say where they run, and do nothing.</summary>
internal static class ElfBytes
{
    private const int Headers = 64, Loader = 300, Dynamic = 400, Needs = 500, Names = 600, Length = 700;

    /// <summary>A program.</summary>
    /// <param name="machine">Number of its processor; 62 is x86-64, 183 aarch64.</param>
    /// <param name="loader">What loads it.</param>
    /// <param name="versions">The versions that it needs of its C library.</param>
    public static byte[] Of(int machine = 62, string loader = "/lib64/ld-linux-x86-64.so.2", params string[] versions)
    {
        var bytes = new byte[Length];
        void Word(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        void Half(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        void Short(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);
        void Segment(int number, int kind, int offset, int length)
        {
            var at = Headers + (number * 56);
            Half(at, kind);
            Word(at + 8, offset);
            // Loaded at 0x1000, so that addresses are no offsets.
            Word(at + 16, 0x1000 + offset);
            Word(at + 32, length);
        }

        byte[] magic = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(bytes, 0);
        Short(18, machine);
        Word(32, Headers);
        Short(54, 56);
        Short(56, 3);
        Segment(0, kind: 1, 0, Length);
        Segment(1, kind: 3, Loader, loader.Length + 1);
        Segment(2, kind: 2, Dynamic, 5 * 16);
        Encoding.ASCII.GetBytes(loader, bytes.AsSpan(Loader));
        (long Tag, long Value)[] entries = [(5, 0x1000 + Names), (10, Length - Names), (0x6ffffffe, 0x1000 + Needs), (0x6fffffff, 1), (0, 0)];
        foreach (var (index, (tag, value)) in entries.Index())
        {
            Word(Dynamic + (index * 16), tag);
            Word(Dynamic + (index * 16) + 8, value);
        }

        Short(Needs + 2, versions.Length);
        Half(Needs + 8, 16);
        var name = 1;
        foreach (var (index, version) in versions.Index())
        {
            var at = Needs + 16 + (index * 16);
            Half(at + 8, name);
            Half(at + 12, 16);
            Encoding.ASCII.GetBytes(version, bytes.AsSpan(Names + name));
            name += version.Length + 1;
        }

        return bytes;
    }
}

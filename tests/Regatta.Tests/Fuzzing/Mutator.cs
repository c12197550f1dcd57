using System.Text;

namespace Regatta.Tests.Fuzzing;

/// <summary>Changes inputs as damage, hands and other programs do: bytes, spans, lines, numbers and words. The same seed makes the same inputs.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "0", "-1", "1", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e300", "-1e300", "1e-300", "0.1", "NaN", "inf", "1e9999",
            "null", "true", "false", "~", "\"\"", "''", "[]", "{}", "[[[[", "}}}}", ",", ":", "=", "\"", "'", "\\", "\\u0000", "\\ud800", "${a}", "${", "???", "!!int ", "&a ", "*a", "<<: ", "---\n", "\t", "\r\n", "\n\n", " ", "#", ";",
            "\u001b[31m", "é", "😀", "\uFEFF", "\u2028", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "-10675199.02:48:05.4775808", "10675199.02:48:05.4775807", "1.00:00:00", "99999999.00:00:00", "1d", "1GiB", "1e30s", "../..", "/", "\0", "%s",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff, 0xfe], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x1f, 0x8b],
    ];

    private readonly Random _random = new(seed);

    /// <summary>One of the samples with one to four changes.</summary>
    public byte[] Next(IReadOnlyList<byte[]> samples)
    {
        var bytes = new List<byte>(samples[_random.Next(samples.Count)]);
        for (var changes = _random.Next(1, 5); changes > 0; changes--) Change(bytes, samples);
        return [.. bytes];
    }

    /// <summary>A number from 0 to below <paramref name="most"/>, for choices of the reader's.</summary>
    public int Below(int most) => _random.Next(most);

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> samples)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(_random.Next(1, 1 << _random.Next(1, 8)), bytes.Count - at);
        switch (_random.Next(11))
        {
            case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << _random.Next(8)); break;
            case 1 when at < bytes.Count: bytes[at] = (byte)_random.Next(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 4: bytes.RemoveRange(at, bytes.Count - at); break;
            case 5: Splice(bytes, at, samples[_random.Next(samples.Count)]); break;
            case 6: Line(bytes, at); break;
            case 7: bytes.InsertRange(at, Words[_random.Next(Words.Length)]); break;
            default: Token(bytes, at); break;
        }
    }

    // The number or word at a place becomes another one: what reaches furthest behind a parser.
    private void Token(List<byte> bytes, int at)
    {
        while (at < bytes.Count && !IsWord(bytes[at])) at++;
        var from = at;
        while (from > 0 && IsWord(bytes[from - 1])) from--;
        var to = at;
        while (to < bytes.Count && IsWord(bytes[to])) to++;
        bytes.RemoveRange(from, to - from);
        bytes.InsertRange(from, Words[_random.Next(Words.Length)]);
    }

    private void Line(List<byte> bytes, int at)
    {
        var from = at == 0 ? 0 : bytes.LastIndexOf((byte)'\n', at - 1) + 1;
        var to = bytes.IndexOf((byte)'\n', from);
        to = to < 0 ? bytes.Count : to + 1;
        var line = bytes.GetRange(from, to - from);
        if (_random.Next(2) == 0) bytes.RemoveRange(from, to - from);
        bytes.InsertRange(_random.Next(bytes.Count + 1), line);
    }

    private void Splice(List<byte> bytes, int at, byte[] other)
    {
        if (other.Length == 0) return;
        var from = _random.Next(other.Length);
        bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, _random.Next(1, 200))).ToArray());
    }

    private static bool IsWord(byte value) => value is (byte)'.' or (byte)'-' or (byte)'+' or (byte)'_' || char.IsAsciiLetterOrDigit((char)value);
}

using System.Text;

namespace Regatta.Images.Locking;

/// <summary>The outer layer of a .deb: a Unix archive (<c>ar</c>) of three members.</summary>
public static class DebArchive
{
    /// <summary>Where a member lies: offset and length in bytes, or null when there is none of that name.</summary>
    /// <exception cref="InvalidDataException">It is no such archive.</exception>
    public static (long Offset, long Length)? Find(ReadOnlySpan<byte> archive, string member)
    {
        if (!archive.StartsWith("!<arch>\n"u8)) throw new InvalidDataException("not a Unix archive");
        var position = 8;
        while (position + 60 <= archive.Length)
        {
            var header = archive.Slice(position, 60);
            var name = Encoding.ASCII.GetString(header[..16]).Trim().TrimEnd('/');
            if (!long.TryParse(Encoding.ASCII.GetString(header[48..58]).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the member at {position} has no length"));
            position += 60;
            if (name == member) return (position, length);
            // Members begin at even positions.
            position = checked((int)(position + length + (length & 1)));
        }

        return null;
    }
}

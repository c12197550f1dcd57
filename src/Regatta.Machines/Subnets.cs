using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Regatta.Machines;

/// <summary>Chooses a cluster's network among <c>10.213.0.0/24</c> to <c>10.213.255.0/24</c>.</summary>
public static class Subnets
{
    /// <summary>Second byte of every candidate; away from what Kubernetes, container engines and libvirt use by default.</summary>
    public const byte SecondByte = 213;

    /// <summary>The first network that is free, from a place that the cluster's id decides: a later cluster of the same name has other addresses, so that nothing that worked on the earlier one reaches it.</summary>
    /// <param name="id">Id of the cluster.</param>
    /// <param name="taken">Networks that are in use.</param>
    /// <exception cref="DiagnosticException">All 256 are taken.</exception>
    public static byte Choose(string id, IReadOnlyCollection<IPNetwork> taken)
    {
        var start = SHA256.HashData(Encoding.UTF8.GetBytes(id))[0];
        for (var i = 0; i < 256; i++)
        {
            var candidate = (byte)(start + i);
            if (!taken.Any(t => Overlaps(t, candidate))) return candidate;
        }

        throw new DiagnosticException(Diagnostic.Error("subnet-none", $"every network from 10.{SecondByte}.0.0/24 to 10.{SecondByte}.255.0/24 is taken") with
        {
            Help = "'regatta cluster list' shows the clusters, 'regatta reap' removes those without an owner",
        });
    }

    /// <summary>Networks in a routing table as <c>/proc/net/route</c> has it; the default route is none.</summary>
    public static IEnumerable<IPNetwork> Routes(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var fields = line.Split('\t', StringSplitOptions.TrimEntries);
            var mask = Word(fields[7]);
            if (mask != 0) yield return new IPNetwork(new IPAddress(Word(fields[1]) & mask), Bits(mask));
        }

        static uint Word(string hex) => uint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        static int Bits(uint mask) => System.Numerics.BitOperations.PopCount(mask);
    }

    /// <summary>IPv4 networks in the description of a libvirt network.</summary>
    public static IEnumerable<IPNetwork> Of(XElement network)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (var ip in network.Elements("ip"))
        {
            if (ip.Attribute("family")?.Value == "ipv6" || !IPAddress.TryParse(ip.Attribute("address")?.Value, out var address)) continue;
            var bits = ip.Attribute("prefix")?.Value is { } prefix ? int.Parse(prefix, CultureInfo.InvariantCulture)
                : IPAddress.TryParse(ip.Attribute("netmask")?.Value, out var mask) ? System.Numerics.BitOperations.PopCount(BitConverter.ToUInt32(mask.GetAddressBytes()))
                : 24;
            var host = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
            var bytes = new byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, bits == 0 ? 0 : host & (uint.MaxValue << (32 - bits)));
            yield return new IPNetwork(new IPAddress(bytes), bits);
        }
    }

    private static bool Overlaps(IPNetwork network, byte candidate)
    {
        var own = new IPNetwork(new IPAddress([10, SecondByte, candidate, 0]), 24);
        return own.Contains(network.BaseAddress) || network.Contains(own.BaseAddress);
    }
}

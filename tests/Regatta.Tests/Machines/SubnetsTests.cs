using System.Net;
using System.Xml.Linq;
using CsCheck;
using Regatta.Machines;

namespace Regatta.Tests.Machines;

public sealed class SubnetsTests
{
    [Fact]
    public void Routes_are_read_from_the_kernels_table()
    {
        const string Table =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
            "rgx\t002AD50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n" +
            "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        Assert.Equal(["10.213.42.0/24", "192.0.2.0/24"], Subnets.Routes(Table).Select(r => r.ToString()));
    }

    [Theory]
    [InlineData("<network><ip address='10.213.7.1' netmask='255.255.255.0'/></network>", "10.213.7.0/24")]
    [InlineData("<network><ip address='10.213.9.1' prefix='20'/><ip family='ipv6' address='fd00::1' prefix='64'/></network>", "10.213.0.0/20")]
    public void Networks_of_libvirt_are_read(string xml, string expected) =>
        Assert.Equal(expected, Assert.Single(Subnets.Of(XElement.Parse(xml))).ToString());

    [Fact]
    public void A_network_that_is_taken_is_never_chosen() =>
        Gen.Select(Gen.Byte.HashSet[0, 250], Gen.String[Gen.Char.AlphaNumeric, 1, 20]).Sample((taken, id) =>
            !taken.Contains(Subnets.Choose(id, [.. taken.Select(t => new IPNetwork(new IPAddress([10, 213, t, 0]), 24))])));

    [Fact]
    public void Clusters_of_one_name_have_addresses_of_their_own() =>
        Assert.NotEqual(Subnets.Choose("0a1b2c3d", []), Subnets.Choose("0a1b2c3e", []));

    [Fact]
    public void A_wide_route_takes_all_that_it_covers()
    {
        IPNetwork[] taken = [IPNetwork.Parse("10.213.0.0/17"), IPNetwork.Parse("10.213.128.0/18"), IPNetwork.Parse("10.213.192.0/19"), IPNetwork.Parse("10.213.224.0/20"), IPNetwork.Parse("10.213.240.4/32")];
        Assert.InRange(Subnets.Choose("lab", taken), 241, 255);
    }

    [Fact]
    public void When_all_are_taken_it_says_so()
    {
        var thrown = Assert.Throws<DiagnosticException>(() => Subnets.Choose("lab", [IPNetwork.Parse("10.0.0.0/8")]));
        Assert.Equal(
            """
            error[subnet-none]: every network from 10.213.0.0/24 to 10.213.255.0/24 is taken
              help: 'regatta cluster list' shows the clusters, 'regatta reap' removes those without an owner
            """,
            thrown.Diagnostics[0].ToString());
    }
}

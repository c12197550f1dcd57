using Regatta.Host.Libvirt;

namespace Regatta.Tests.Host;

public sealed class LibvirtChainsTests
{
    private const string Empty = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :LIBVIRT_FWX - [0:0]
        :LIBVIRT_INP - [0:0]
        -A INPUT -j LIBVIRT_INP
        -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
        -A FORWARD -j LIBVIRT_FWX
        COMMIT
        *nat
        :POSTROUTING ACCEPT [0:0]
        COMMIT

        """;

    [Fact]
    public void Chains_without_rules_are_taken_away_and_nothing_else() =>
        Assert.Equal(
            """
            *filter
            -D INPUT -j LIBVIRT_INP
            -D FORWARD -j LIBVIRT_FWX
            -X LIBVIRT_FWX
            -X LIBVIRT_INP
            COMMIT

            """,
            LibvirtChains.Removal(Empty));

    [Fact]
    public void A_rule_in_one_means_that_a_network_uses_them() =>
        Assert.Null(LibvirtChains.Removal(Empty.Replace("COMMIT\n*nat", "-A LIBVIRT_FWX -i rg1 -o rg1 -j ACCEPT\nCOMMIT\n*nat", StringComparison.Ordinal)));

    [Fact]
    public void Where_there_are_none_there_is_nothing_to_do() =>
        Assert.Null(LibvirtChains.Removal("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n"));
}

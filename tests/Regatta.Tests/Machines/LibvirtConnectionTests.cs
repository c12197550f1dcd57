using System.Xml.Linq;
using Regatta.Machines;
using Regatta.Machines.Libvirt;

namespace Regatta.Tests.Machines;

/// <summary>libvirt's library with its mock driver: no daemon, no machine.</summary>
public sealed class LibvirtConnectionTests
{
    private const string Uri = "test:///default";

    private static LibvirtConnection Open()
    {
        Assert.SkipUnless(
            new[] { "/usr/lib/x86_64-linux-gnu/libvirt.so.0", "/usr/lib64/libvirt.so.0", "/usr/lib/libvirt.so.0" }.Any(File.Exists),
            "needs libvirt's library: regatta doctor --fix");
        return LibvirtConnection.Open(Uri);
    }

    [Fact]
    public void Domains_are_made_listed_and_ended()
    {
        using var libvirt = Open();
        Assert.True(libvirt.Version >= new Version(7, 0));
        var name = "regatta-test-" + Guid.NewGuid().ToString("N");
        var owner = MachinesFixture.Claim.Ownership;
        libvirt.CreateDomain(new XElement("domain", new XAttribute("type", "test"), new XElement("name", name), owner.ToMetadata(), new XElement("memory", "1024"), new XElement("os", new XElement("type", "hvm"))));
        Assert.Equal(owner, Ownership.Of(libvirt.Domains().Single(d => d.Name == name).Xml));
        Assert.NotNull(libvirt.FindDomain(name));
        libvirt.DestroyDomain(name);
        Assert.Null(libvirt.FindDomain(name));
        libvirt.DestroyDomain(name);
    }

    [Fact]
    public void Ending_is_tried_for_a_minute_whatever_libvirt_says()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var left = 20;
        var tries = 0;
        LibvirtConnection.Persist(() => left-- > 0 ? Refusal("Some processes refused to die") : null, time, time.Advance);
        Assert.Equal(-1, left);
        var thrown = Assert.Throws<DiagnosticException>(() => LibvirtConnection.Persist(
            () =>
            {
                tries++;
                return Refusal("no");
            },
            time, time.Advance));
        Assert.Equal("no", thrown.Diagnostics[0].Summary);
        Assert.InRange(tries, 60, 80);

        static DiagnosticException Refusal(string words) => new(Diagnostic.Error("libvirt", words));
    }

    [Fact]
    public void Networks_are_made_listed_and_ended()
    {
        using var libvirt = Open();
        var claim = MachinesFixture.Claim with { Id = Guid.NewGuid().ToString("N")[..8] };
        libvirt.CreateNetwork(ClusterNetwork.Describe(claim));
        Assert.Equal(claim.Ownership, Ownership.Of(libvirt.Networks().Single(n => n.Name == claim.Bridge).Xml));
        libvirt.DestroyNetwork(claim.Bridge);
        Assert.DoesNotContain(libvirt.Networks(), n => n.Name == claim.Bridge);
        libvirt.DestroyNetwork(claim.Bridge);
    }

    [Fact]
    public void A_fault_is_told_in_libvirts_own_words()
    {
        using var libvirt = Open();
        var thrown = Assert.Throws<DiagnosticException>(() => libvirt.CreateDomain(new XElement("domain", new XElement("name", "x"))));
        // The words before the colon differ between versions.
        Assert.Matches("^error\\[libvirt\\]: the domain 'x' cannot be started\n  libvirt says: .*missing domain type attribute$", thrown.Diagnostics[0].ToString());
    }

    [Fact]
    public void A_libvirt_that_is_not_there_is_said_to_be_so()
    {
        using (Open())
        {
        }

        var thrown = Assert.Throws<DiagnosticException>(() => LibvirtConnection.Open("lxc+unix:///system?socket=/nowhere/libvirt-sock"));
        Assert.Equal("libvirt-connect", thrown.Diagnostics[0].Code);
        Assert.Equal("cannot connect to libvirt at 'lxc+unix:///system?socket=/nowhere/libvirt-sock'", thrown.Diagnostics[0].Summary);
        Assert.StartsWith("libvirt says: Failed to connect socket to '/nowhere/libvirt-sock'", thrown.Diagnostics[0].Detail, StringComparison.Ordinal);
    }
}

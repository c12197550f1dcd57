using System.Xml.Linq;
using Regatta.Machines;
using Regatta.Machines.Containers;
using Regatta.Machines.Libvirt;
using Regatta.Machines.VirtualMachines;

namespace Regatta.Tests.Machines;

/// <summary>What libvirt is told.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public void A_container()
    {
        Assert.Equal(
            """
            <domain type="lxc">
              <name>regatta-lab-worker1</name>
              <metadata>
                <regatta:owner xmlns:regatta="urn:regatta:owner:1" state="89abcdef" cluster="0a1b2c3d" name="lab" run="run-7" />
              </metadata>
              <memory unit="b">536870912</memory>
              <vcpu>2</vcpu>
              <cputune>
                <period>100000</period>
                <quota>200000</quota>
              </cputune>
              <os>
                <type arch="x86_64">exe</type>
                <init>/usr/lib/regatta/container-init</init>
                <initarg>regatta-89abcdef-0a1b2c3d-worker1</initarg>
              </os>
              <features>
                <capabilities policy="default">
                  <mknod state="on" />
                </capabilities>
              </features>
              <on_reboot>restart</on_reboot>
              <on_crash>destroy</on_crash>
              <devices>
                <filesystem type="mount">
                  <source dir="/state/nodes/lab/worker1/root" />
                  <target dir="/" />
                </filesystem>
                <filesystem type="mount">
                  <source dir="/state/nodes/lab/worker1/local" />
                  <target dir="/local" />
                </filesystem>
                <interface type="network">
                  <mac address="MAC" />
                  <source network="rg0a1b2c3d" />
                  <ip family="ipv4" address="10.213.42.11" prefix="24" />
                  <guest dev="eth0" />
                </interface>
                <console type="pty" />
              </devices>
            </domain>
            """,
            ContainerDomain.Describe(MachinesFixture.Claim, MachinesFixture.Worker, 1, "/state/nodes/lab/worker1/root", "/state/nodes/lab/worker1/local", hostProcessors: 8).ToString()
                .Replace(MachinesFixture.Claim.NodeMac(1), "MAC", StringComparison.Ordinal));
    }

    [Fact]
    public void A_container_that_has_all_processors_is_not_held_back() =>
        Assert.Null(ContainerDomain.Describe(MachinesFixture.Claim, MachinesFixture.Worker, 1, "/r", "/l", hostProcessors: 2).Element("cputune"));

    [Fact]
    public void A_container_has_the_root_of_another_image_beside_its_own_and_cannot_write_to_it()
    {
        var beside = ContainerDomain.Describe(MachinesFixture.Claim, MachinesFixture.Worker, 1, "/r", "/l", hostProcessors: 2, "/b").Descendants("filesystem").Last();
        Assert.Equal(("/b", "/beside", true), ((string)beside.Element("source")!.Attribute("dir")!, (string)beside.Element("target")!.Attribute("dir")!, beside.Element("readonly") is not null));
    }

    [Fact]
    public void A_network_hands_out_no_addresses_and_serves_no_names() =>
        Assert.Equal(
            """
            <network>
              <name>rg0a1b2c3d</name>
              <metadata>
                <regatta:owner xmlns:regatta="urn:regatta:owner:1" state="89abcdef" cluster="0a1b2c3d" name="lab" run="run-7" />
              </metadata>
              <bridge name="rg0a1b2c3d" stp="off" delay="0" />
              <dns enable="no" />
              <ip address="10.213.42.1" netmask="255.255.255.0" />
            </network>
            """,
            ClusterNetwork.Describe(MachinesFixture.Claim).ToString());

    [Theory]
    [InlineData(false, "qemu", "qemu64")]
    [InlineData(true, "kvm", null)]
    public void A_virtual_machine_boots_the_images_kernel_with_a_fixed_address(bool kvm, string type, string? model)
    {
        var domain = VirtualMachineDomain.Describe(MachinesFixture.Build(MachinesFixture.Head, 0), MachinesFixture.Image, kvm, ownDaemon: true, "/disk", ["/a.credential", "/b.credential"]);
        Assert.Equal(type, domain.Attribute("type")!.Value);
        Assert.Equal(model, domain.Element("cpu")!.Element("model")?.Value);
        Assert.Equal("/images/slurm/vmlinuz", domain.Element("os")!.Element("kernel")!.Value);
        Assert.Equal(
            "root=/dev/vda console=ttyS0 systemd.hostname=head ip=10.213.42.10::10.213.42.1:255.255.255.0:head:eth0:off",
            domain.Element("os")!.Element("cmdline")!.Value);
        XNamespace qemu = "http://libvirt.org/schemas/domain/qemu/1.0";
        Assert.Equal(
            ["-smbios", "type=11,path=/a.credential", "-smbios", "type=11,path=/b.credential"],
            domain.Element(qemu + "commandline")!.Elements().Select(e => e.Attribute("value")!.Value));
    }

    [Fact]
    public void No_key_stands_in_a_description()
    {
        var build = MachinesFixture.Build(MachinesFixture.Head, 0);
        var text = VirtualMachineDomain.Describe(build, MachinesFixture.Image, kvm: false, ownDaemon: true, "/disk", ["/a"]).ToString()
            + ContainerDomain.Describe(build.Claim, build.Spec, 0, "/root", "/local", 2);
        Assert.DoesNotContain("PRIVATE", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_owner_is_read_back_from_what_libvirt_gives()
    {
        var described = XElement.Parse(ClusterNetwork.Describe(MachinesFixture.Claim).ToString());
        Assert.Equal(MachinesFixture.Claim.Ownership, Ownership.Of(described));
        Assert.Null(Ownership.Of(XElement.Parse("<network><name>default</name><metadata/></network>")));
    }

    [Fact]
    public void Every_node_has_a_hardware_address_of_its_own()
    {
        var addresses = Enumerable.Range(0, 240).Select(MachinesFixture.Claim.NodeMac).ToList();
        Assert.Equal(240, addresses.Distinct().Count());
        Assert.All(addresses, a => Assert.Matches("^52:54:00(:[0-9a-f]{2}){3}$", a));
    }
}

using Regatta.Machines;

namespace Regatta.Tests.Machines;

public sealed class BridgeGuardTests
{
    [Fact]
    public void Only_rules_of_the_guards_own_form_are_taken_for_its_own() =>
        Assert.Equal(
            ["rg0a1b2c3d", "rg0a1b2c3d", "rgffffffff"],
            BridgeGuard.Bridges("""
                -P OUTPUT ACCEPT
                -A OUTPUT -o rg0a1b2c3d -m owner --uid-owner 1-4294967294 -j REJECT --reject-with icmp-port-unreachable
                -A OUTPUT -o rg0a1b2c3d -m owner --uid-owner 1-4294967294 -j REJECT --reject-with icmp6-port-unreachable
                -A OUTPUT -o rg01234567 -j ACCEPT
                -A OUTPUT -o virbr0 -m owner --uid-owner 1-4294967294 -j REJECT --reject-with icmp-port-unreachable
                -A OUTPUT -o rgffffffff -m owner --uid-owner 1-4294967294 -j REJECT
                -A OUTPUT -j LIBVIRT_OUT
                """));
}

using System.Net;
using System.Text;

namespace Regatta.Machines.Ssh;

/// <summary>OpenSSH's files of a cluster.</summary>
internal static class SshFiles
{
    /// <summary><c>known_hosts</c>: every node by name and by address.</summary>
    public static string KnownHosts(IEnumerable<Node> nodes)
    {
        var text = new StringBuilder();
        foreach (var node in nodes)
        {
            var address = node.Port == 22 ? node.Address.ToString() : string.Create(CultureInfo.InvariantCulture, $"[{node.Address}]:{node.Port}");
            text.Append(CultureInfo.InvariantCulture, $"{node.Name},{address} {node.HostKey}\n");
        }

        return text.ToString();
    }

    /// <summary><c>ssh_config</c>: every node by name; the first connection to a node is shared by those after it.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="knownHosts">Their keys.</param>
    /// <param name="identity">The key that they accept; null for the user's own.</param>
    /// <param name="control">Directory of the control sockets; its path is short, because a socket's path is limited.</param>
    public static string Config(IReadOnlyCollection<Node> nodes, string knownHosts, string? identity, string control)
    {
        var text = new StringBuilder();
        foreach (var (number, node) in nodes.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                Host {node.Name}
                  HostName {node.Address}
                  Port {node.Port}
                  User {node.User}
                  HostKeyAlias {node.Name}
                  ControlPath "{control}/{number}"

                """);
        }

        text.Append(CultureInfo.InvariantCulture, $"""
            Host *

            """);
        if (identity is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                  IdentityFile "{identity}"
                  IdentitiesOnly yes

                """);
        }

        text.Append(CultureInfo.InvariantCulture, $"""
              UserKnownHostsFile "{knownHosts}"
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking yes
              UpdateHostKeys no
              HostKeyAlgorithms {Algorithms(nodes)}
              PasswordAuthentication no
              KbdInteractiveAuthentication no
              LogLevel ERROR
              ConnectTimeout 10
              ServerAliveInterval 15
              ServerAliveCountMax 8
              ControlMaster auto
              ControlPersist 60

            """);
        return text.ToString();
    }

    /// <summary><c>/etc/hosts</c> of the nodes.</summary>
    public static string Hosts(IEnumerable<(string Name, IPAddress Address)> nodes)
    {
        var text = new StringBuilder("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
        foreach (var (name, address) in nodes) text.Append(CultureInfo.InvariantCulture, $"{address} {name}\n");
        return text.ToString();
    }

    private static string Algorithms(IEnumerable<Node> nodes) =>
        // An RSA key signs by newer algorithms than its name says.
        string.Join(',', nodes.Select(n => n.HostKey.Split(' ')[0]).SelectMany(a => a == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : new[] { a }).Distinct(StringComparer.Ordinal));
}

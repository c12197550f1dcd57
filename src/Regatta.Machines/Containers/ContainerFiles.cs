using Regatta.Host;

namespace Regatta.Machines.Containers;

/// <summary>
/// What makes a node of an image: written into the upper layer of its overlay before that is mounted, so that no link in the image
/// can lead a write out of it.
/// </summary>
/// <param name="root">The unpacked image: directories that are made anew in the upper layer take their mode from it.</param>
/// <param name="upper">The upper layer.</param>
internal sealed class ContainerFiles(string root, string upper)
{
    private const UnixFileMode Directory755 = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    public void Write(string name, string address, string gateway, string hosts, string authorizedKey, string hostKey, string hostKeyPublic)
    {
        Put("root/.ssh/authorized_keys", authorizedKey, DurableFile.Private, directoryMode: (UnixFileMode)0b111_000_000);
        Put("etc/ssh/ssh_host_ed25519_key", hostKey, DurableFile.Private);
        Put("etc/ssh/ssh_host_ed25519_key.pub", hostKeyPublic, DurableFile.Public);
        Put("etc/hostname", name + "\n", DurableFile.Public);
        Put("etc/hosts", hosts, DurableFile.Public);
        Put("etc/systemd/network/10-regatta.network", Network(address, gateway), DurableFile.Public);
        Put(ContainerInit.Path[1..], ContainerInit.Script, Executable);
    }

    /// <summary>libvirt has given the interface its address before init runs; networkd is to find it as it would set it.</summary>
    public static string Network(string address, string gateway) => string.Create(CultureInfo.InvariantCulture, $"""
        [Match]
        Name=eth0

        [Network]
        Address={address}/24
        Gateway={gateway}
        LinkLocalAddressing=no
        IPv6AcceptRA=no

        """);

    private void Put(string path, string content, UnixFileMode mode, UnixFileMode directoryMode = Directory755)
    {
        var directory = "";
        foreach (var part in Path.GetDirectoryName(path)!.Split('/'))
        {
            directory = Path.Combine(directory, part);
            var made = Path.Combine(upper, directory);
            if (Directory.Exists(made)) continue;
            var original = new DirectoryInfo(Path.Combine(root, directory));
            if (original.LinkTarget is not null) throw new InvalidDataException($"'/{directory}' of the image is a link; a directory is expected");
            Directory.CreateDirectory(made);
            File.SetUnixFileMode(made, original.Exists ? original.UnixFileMode : directoryMode);
        }

        var file = Path.Combine(upper, path);
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, mode);
    }
}

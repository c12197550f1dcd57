using System.Text.RegularExpressions;
using Regatta.Host;
using Regatta.Images;

namespace Regatta.Machines.Containers;

/// <summary>
/// Root file systems of images, each unpacked once and read by containers through an overlay. One holds until the host starts anew:
/// nobody waits for the disk when it is unpacked, so what a crash of the host left of it is not known.
/// </summary>
/// <param name="state">The state directory.</param>
public sealed partial class RootStore(StateDirectory state)
{
    /// <summary>Where the root file system with a hash lies when it is unpacked.</summary>
    public string PathOf(string hash) => Path.Combine(state.Roots, $"{hash}-{ProcessIdentity.CurrentBoot[..8]}");

    /// <summary>The unpacked root file system of an image, which is unpacked first when it is not there.</summary>
    /// <exception cref="DiagnosticException">The image has no root file system, or it cannot be unpacked.</exception>
    public async Task<string> EnsureAsync(Image image, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!image.Manifest.Files.TryGetValue("rootfs.tar", out var hash) || !Sha256().IsMatch(hash))
        {
            throw new DiagnosticException(Diagnostic.Error("image-root", $"the manifest of image '{image.Name}' does not name the sha256 of rootfs.tar") with
            {
                Help = "regatta image build",
            });
        }

        var root = PathOf(hash);
        if (Directory.Exists(root)) return root;
        using var held = await FileLock.AcquireAsync(Path.Combine(state.Locks, $"root-{hash}.lock"), cancellation);
        if (Directory.Exists(root)) return root;
        RequireSpace(image.RootTar);
        monitor.Report(new Activity("cluster", image.Name, "unpacking the root file system"));
        var temporary = Path.Combine(state.Roots, $".{hash}.tmp");
        await RemoveAsync(temporary);
        Directory.CreateDirectory(temporary);
        try
        {
            await HostTool.RunAsync(
                "tar", ["--extract", "--file", image.RootTar, "--directory", temporary, "--numeric-owner", "--same-owner", "--preserve-permissions", "--xattrs", "--xattrs-include=*"],
                cancellation);
            Directory.Move(temporary, root);
        }
        catch
        {
            await RemoveAsync(temporary);
            throw;
        }

        monitor.Report(new Activity("cluster", image.Name, "root file system unpacked", ActivityState.Done));
        return root;
    }

    /// <summary>Removes root file systems of earlier boots, and those that an unpacking left half done where nobody unpacks them now.</summary>
    /// <returns>What was removed.</returns>
    public async Task<IReadOnlyList<string>> RemoveStaleAsync()
    {
        var removed = new List<string>();
        if (!Directory.Exists(state.Roots)) return removed;
        foreach (var directory in Directory.EnumerateDirectories(state.Roots))
        {
            var name = Path.GetFileName(directory);
            var hash = name.TrimStart('.').Split('-', '.')[0];
            if (directory == PathOf(hash)) continue;
            using var held = FileLock.TryAcquire(Path.Combine(state.Locks, $"root-{hash}.lock"));
            if (held is null) continue;
            await RemoveAsync(directory);
            removed.Add(directory);
        }

        return removed;
    }

    private static Task<string> RemoveAsync(string directory) =>
        HostTool.RunAsync("rm", ["-rf", "--one-file-system", directory], CancellationToken.None);

    private void RequireSpace(string tar)
    {
        var need = new FileInfo(tar).Length * 3 / 2;
        var free = new DriveInfo(state.Roots).AvailableFreeSpace;
        if (free >= need) return;
        throw new DiagnosticException(Diagnostic.Error("disk-full", $"unpacking the image needs {need >> 20} MiB under '{state.Roots}', {free >> 20} MiB are free") with
        {
            Help = "free some space, or set REGATTA_STATE to a directory on a larger disk",
        });
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();
}

using System.Security.Cryptography;
using Regatta.Machines;

namespace Regatta.Schedulers;

/// <summary>A secret that the nodes of one cluster share, made when it is first asked for and kept in the cluster's directory for the owner alone.</summary>
public static class ClusterSecret
{
    private const int Bytes = 128;

    /// <summary>
    /// The file that holds the secret, as base64 of 128 random bytes; made with mode 0600 when it is not there.
    /// Its contents are never given out: playbooks read the file.
    /// </summary>
    public static string FileOf(Cluster cluster, string name)
    {
        var file = Path.Combine(cluster.Directory, name + ".base64");
        if (File.Exists(file)) return file;
        var making = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(file + ".new", making)) writer.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)));
        File.Move(file + ".new", file);
        return file;
    }
}

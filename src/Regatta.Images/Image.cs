namespace Regatta.Images;

/// <summary>Which image is wanted.</summary>
/// <param name="Flake">Flake reference that keeps the image contract, such as <c>path:images#slurm</c>.</param>
public sealed record ImageSpec(string Flake)
{
    /// <summary>The name behind <c>#</c>.</summary>
    public string Name => Flake[(Flake.IndexOf('#', StringComparison.Ordinal) + 1)..];
}

/// <summary>A built image: a directory that keeps the image contract.</summary>
/// <param name="Name">Its name, such as <c>slurm</c>.</param>
/// <param name="Directory">Directory with the files of the contract; read-only.</param>
/// <param name="Manifest">What <c>manifest.json</c> says.</param>
public sealed record Image(string Name, string Directory, ImageManifest Manifest)
{
    /// <summary>An image whose root file system each node has at <see cref="BesideRoot"/>, read-only: what its programs are replaced by while it runs; null for none.</summary>
    public Image? Beside { get; init; }

    /// <summary>Where a node has the root file system of <see cref="Beside"/>.</summary>
    public const string BesideRoot = "/beside";

    /// <summary>The root file system as a tar with numeric owners.</summary>
    public string RootTar => Path.Combine(Directory, "rootfs.tar");

    /// <summary>The root file system as a qcow2 disk.</summary>
    public string RootDisk => Path.Combine(Directory, "root.qcow2");

    /// <summary>The kernel.</summary>
    public string Kernel => Path.Combine(Directory, "vmlinuz");

    /// <summary>The initial RAM disk.</summary>
    public string Initrd => Path.Combine(Directory, "initrd.img");
}

/// <summary>Ensures that an image exists.</summary>
public interface IImageBuilder
{
    /// <summary>Returns the image, building it first when it is not there.</summary>
    /// <exception cref="DiagnosticException">It cannot be built, fetched or read.</exception>
    Task<Image> EnsureAsync(ImageSpec spec, IActivityMonitor monitor, CancellationToken cancellation);
}

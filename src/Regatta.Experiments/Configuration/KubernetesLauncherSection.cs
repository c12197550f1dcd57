using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>The volume that pods and this machine share.</summary>
[ConfigSchema("The volume that pods and this machine share. Runs are made in it.")]
public sealed record KubernetesVolumeSection
{
    /// <summary>Where it lies.</summary>
    [ConfigKey("Absolute path of the volume on this machine; pods get it at the same path. Must be given.", Example = "/scratch")]
    public string? Path { get; init; }

    /// <summary>Claim.</summary>
    [ConfigKey("PersistentVolumeClaim of the namespace whose root is the volume (ReadWriteMany); null for the directory of that path on the nodes, such as a mounted file system.")]
    public string? Claim { get; init; }
}

/// <summary>What trials ask Kubernetes for.</summary>
[ConfigSchema("What trials ask Kubernetes for. null leaves a thing to the cluster's or kubectl's defaults.")]
public sealed record KubernetesLauncherSection
{
    /// <summary>Configuration of kubectl.</summary>
    [ConfigKey("File that kubectl finds the cluster by; null as kubectl decides.")]
    public string? Kubeconfig { get; init; }

    /// <summary>Context.</summary>
    [ConfigKey("Context of that file.")]
    public string? Context { get; init; }

    /// <summary>Namespace.</summary>
    [ConfigKey("Namespace of the Jobs; it must be there.")]
    public string? Namespace { get; init; }

    /// <summary>Image.</summary>
    [ConfigKey("Image of the pods: glibc, libstdc++, OpenSSL's libssl and a shell must be in it, Regatta itself need not. Must be given.")]
    public string? Image { get; init; }

    /// <summary>Secret for the image.</summary>
    [ConfigKey("Secret that the image is pulled with.")]
    public string? PullSecret { get; init; }

    /// <summary>The volume.</summary>
    [ConfigKey("The volume that pods and this machine share.")]
    public KubernetesVolumeSection Volume { get; init; } = new();

    /// <summary>Processors.</summary>
    [ConfigKey("Processors of a pod, asked for and its limit.", Minimum = 0.1, Example = "0.5")]
    public double Processors { get; init; } = 1;

    /// <summary>Memory.</summary>
    [ConfigKey("Memory of a pod, asked for and its limit.", Minimum = 268435456, Example = "2GiB")]
    public ByteSize Memory { get; init; } = ByteSize.FromGiB(1);

    /// <summary>Time limit.</summary>
    [ConfigKey("Time limit of a pod, all its trials together.", Minimum = 60)]
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Pods at once.</summary>
    [ConfigKey("Most pods of a Job at once.", Minimum = 1, Maximum = 10000)]
    public int Parallelism { get; init; } = 100;

    /// <summary>Tries.</summary>
    [ConfigKey("How many times a trial is begun again in the same Job when its pod was lost, such as by an eviction, its time limit or a node that failed.", Minimum = 0, Maximum = 100)]
    public int Retries { get; init; } = 2;

    /// <summary>Priority class.</summary>
    [ConfigKey("Priority class of the pods.")]
    public string? PriorityClass { get; init; }

    /// <summary>Nodes.</summary>
    [ConfigKey("Labels that a node must have, such as +launcher.kubernetes.node_selector={pool: batch}.")]
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels.</summary>
    [ConfigKey("Further labels of Jobs and pods, such as +launcher.kubernetes.labels={team: lab}.")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Kueue's queue.</summary>
    [ConfigKey("LocalQueue of Kueue that lets the Jobs in; they are made suspended.")]
    public string? Queue { get; init; }

    /// <summary>Whether Jobs are made suspended.</summary>
    [ConfigKey("Whether Jobs are made suspended, for whatever lets them in.")]
    public bool Suspend { get; init; }
}

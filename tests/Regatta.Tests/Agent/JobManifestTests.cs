using Regatta.Agent.Drivers.Kubernetes;

namespace Regatta.Tests.Agent;

/// <summary>Names of Jobs.</summary>
public sealed class JobManifestTests
{
    [Fact]
    public void Long_trials_keep_names_that_pods_can_have()
    {
        var options = new KubernetesOptions();
        var one = new JobManifest(options, new string('a', 63), "h:1");
        Assert.InRange(one.NameOf(100_000).Length, 1, 52);
        Assert.NotEqual(one.Trial, new JobManifest(options, new string('a', 62), "h:1").Trial);
        Assert.Equal(100_000, one.JobOf(one.NameOf(100_000)));
        Assert.Null(one.JobOf("regatta-other-1"));
        Assert.Null(new JobManifest(options, "t1", "h:1").JobOf("regatta-t12-1"));
        Assert.Null(new JobManifest(options, "t1", "h:1").JobOf("regatta-t1-1-abcde"));
    }
}

using CliWrap;
using CliWrap.Buffered;
using Regatta.Host;
using Regatta.Machines;

namespace Regatta.EndToEnd.Machines;

/// <summary>Scripts that tests run on nodes.</summary>
internal static class NodeScript
{
    /// <summary>Standard output of a script on a node; the test fails with all that it printed when it fails.</summary>
    public static async Task<string> RunAsync(this Cluster cluster, string node, string script)
    {
        var result = await new SshTarget(cluster.SshConfig, node).Run(script)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"{script}\n{result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }
}

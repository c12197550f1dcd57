using CliWrap;
using CliWrap.Buffered;

namespace Regatta.Tests.Ansible;

/// <summary>The ansible-core of this host, and those of other Debian releases, which are fetched once and kept with what is built.</summary>
internal static class AnsibleRelease
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>
    /// This host's and Debian 13's; others by <c>REGATTA_ANSIBLE_SUITES</c>, suites of Debian with commas between them. What is not
    /// released yet, such as <c>sid</c>, changes from day to day and is tried only where it is asked for.
    /// </summary>
    public static TheoryData<string> Suites =>
        ["host", .. (Environment.GetEnvironmentVariable("REGATTA_ANSIBLE_SUITES") ?? "trixie").Split(',', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The path of its <c>ansible-playbook</c>; skips the test, with the reason, where it cannot be fetched.</summary>
    public static async Task<string> ProgramAsync(string suite, CancellationToken cancellation)
    {
        if (suite == "host")
        {
            if (!File.Exists("/usr/bin/ansible-playbook")) Assert.Skip("ansible-playbook is not on this host: regatta doctor --fix");
            return "ansible-playbook";
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var script = Path.Combine(Repository.Root, "tests", "ansible-core.sh");
        var result = await CliWrap.Cli.Wrap(script).WithArguments([suite, Path.Combine(Repository.Root, "artifacts", "ansible-core", suite)])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        if (result.ExitCode != 0) Assert.Skip($"the ansible-core of Debian's {suite} cannot be fetched: {result.StandardError.Trim().Split('\n')[^1]}");
        return result.StandardOutput.Trim();
    }
}

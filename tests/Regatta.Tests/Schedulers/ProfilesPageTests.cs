using System.Text;
using Regatta.Schedulers;
using Regatta.Schedulers.Kubernetes;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>The tables of <c>docs/profiles.md</c> are those that the program uses.</summary>
public sealed class ProfilesPageTests
{
    [Fact]
    public void The_page_shows_the_tables_that_the_program_uses()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "profiles.md"));
        foreach (var scheduler in KnownSchedulers.All)
        {
            foreach (var table in Tables(scheduler)) Assert.True(page.Contains(table, StringComparison.Ordinal), "docs/profiles.md lacks this:\n" + table);
        }
    }

    [Fact]
    public void The_page_shows_what_releases_of_kubernetes_place_gangs_with()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "profiles.md"));
        foreach (var release in KubernetesRelease.All.Where(r => r.GangApi is not null))
        {
            var table = Table($"`gang` from Kubernetes 1.{release.Minor} on, besides", KubernetesProfiles.Gangs(release));
            Assert.True(page.Contains(table, StringComparison.Ordinal), "docs/profiles.md lacks this:\n" + table);
        }
    }

    private static IEnumerable<string> Tables(IScheduler scheduler)
    {
        yield return Table("All profiles", scheduler.CommonSettings);
        foreach (var profile in scheduler.Profiles) yield return Table($"`{profile.Name}`: {profile.Summary}", profile.Settings);
        var traits = scheduler.Profiles[0].Traits.Texts().Keys;
        var text = new StringBuilder($"| | {string.Join(" | ", scheduler.Profiles.Select(p => $"`{p.Name}`"))} |\n|---|{string.Concat(scheduler.Profiles.Select(_ => "---|"))}\n");
        foreach (var trait in traits) text.Append($"| {trait} | {string.Join(" | ", scheduler.Profiles.Select(p => p.Traits.Texts()[trait]))} |\n");
        yield return text.ToString();
    }

    private static string Table(string title, IEnumerable<SchedulerSetting> settings)
    {
        var text = new StringBuilder($"### {title}\n\n| Setting | Value | Why |\n|---|---|---|\n");
        foreach (var setting in settings) text.Append($"| `{setting.Key}` | `{setting.Value}` | {setting.Why} |\n");
        return text.ToString();
    }
}

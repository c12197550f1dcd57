using System.Text.RegularExpressions;

namespace Regatta.Host.Checks;

/// <summary>Which releases of ansible-core the playbooks work with.</summary>
public static partial class AnsibleCore
{
    /// <summary>The oldest release that works: Debian 12's.</summary>
    public static Version Oldest { get; } = new(2, 14);

    /// <summary>The releases that the playbooks were run with, oldest first.</summary>
    public static IReadOnlyList<Version> Tested { get; } = [Oldest, new(2, 19), new(2, 22)];

    /// <summary>The release in what <c>ansible-playbook --version</c> prints; null when there is none.</summary>
    public static Version? Parse(string text)
    {
        var found = Printed().Match(text);
        return found.Success ? Version.Parse(found.Groups[1].Value) : null;
    }

    /// <summary>What is to be said of a release.</summary>
    public static HostCheck Check(Version found)
    {
        var check = new HostCheck("ansible", "configuring nodes", HostCheckState.Good, $"ansible-core {found}");
        if (found < Oldest)
        {
            return check with
            {
                State = HostCheckState.Missing,
                Found = $"ansible-core {found} is too old: {Oldest} or newer is needed",
                Mend = $"install ansible-core {Oldest} or newer",
            };
        }

        var newest = Tested[^1];
        if (new Version(found.Major, found.Minor) <= newest) return check;
        var tested = string.Join(", ", Tested.Select(v => v.ToString()));
        return check with
        {
            State = HostCheckState.Lacking,
            Found = string.Create(CultureInfo.InvariantCulture, $"ansible-core {found} is newer than what the playbooks were tested with ({tested})"),
            Mend = $"nothing while nodes are configured without errors; else install ansible-core {newest}",
        };
    }

    [GeneratedRegex(@"(?:core|ansible-playbook) (\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex Printed();
}

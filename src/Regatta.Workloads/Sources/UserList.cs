namespace Regatta.Workloads;

/// <summary>Users of a workload by number.</summary>
/// <param name="Numbers">Their numbers.</param>
public sealed record UserList(ImmutableSortedSet<int> Numbers)
{
    /// <summary>Reads numbers with commas between them, such as <c>3,17</c>.</summary>
    /// <exception cref="DiagnosticException">A part is no number (<c>workload-users</c>).</exception>
    public static UserList Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var users = ImmutableSortedSet.CreateBuilder<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var user))
                throw new DiagnosticException(Diagnostic.Error("workload-users", $"'{part}' is no number of a user") with { Help = "numbers with commas between them, such as 3,17" });
            users.Add(user);
        }

        return new UserList(users.ToImmutable());
    }
}
